"""A plan for five billion uploads on a cluster: rates measured on Spark, a simulated cluster, what breaks first."""
