"""When and where do taxis earn most? generate -> clean -> summarise, each on Spark."""

from stepwell import Pipeline, PipelineData, PipelineParameter, PythonScriptStep, Workspace

ws = Workspace.from_config()
megabytes = PipelineParameter("megabytes", 10)  # 10 to try, 10000 for the engine that this is about
seed = PipelineParameter("seed", 1)

# What a step asks of Spark. On a cluster these are the sizes of its executors; on one machine only the driver's memory counts.
spark = {"driver_memory": "2g", "executor_memory": "2g", "conf": {"spark.sql.session.timeZone": "UTC"}}

trips = PipelineData("trips")
generate = PythonScriptStep(
    "generate.py",
    name="generate",
    arguments=["--megabytes", megabytes, "--seed", seed, "--out", trips],
    outputs=[trips],
    source_directory="generate",
    spark=spark,
)

clean_trips = PipelineData("clean_trips")
clean = PythonScriptStep(
    "clean.py",
    name="clean",
    arguments=["--trips", trips, "--out", clean_trips],
    inputs=[trips],
    outputs=[clean_trips],
    source_directory="clean",
    spark=spark,
)

earnings = PipelineData("earnings", is_directory=True, pipeline_output_name="earnings")
summarise = PythonScriptStep(
    "summarise.py",
    name="summarise",
    arguments=["--trips", clean_trips, "--out", earnings],
    inputs=[clean_trips],
    outputs=[earnings],
    source_directory="summarise",
    spark=spark,
)

pipeline = Pipeline(ws, steps=[summarise], description="What taxis earn by hour and by zone, from generated trips")
