"""What clients of MLflow say inside of a step, taken in as reports of that step: an endpoint on the loopback address that speaks
the part of MLflow's REST API that its clients use. Nothing of it is imported before a client calls."""
