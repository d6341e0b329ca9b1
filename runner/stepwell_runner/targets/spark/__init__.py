"""The target `spark`: steps that use Spark, on this machine or on a cluster. Steps of a run share Java machines that stay warm."""
