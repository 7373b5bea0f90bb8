"""A second evaluator of requests, to measure planner's comparison of policies against.

`evaluator`, `conditions`, `principals`, `patterns` and `keys` are written from IAM's documents
alone, use nothing but the standard library, and share no line with planner. `generator`,
`mutations` and `sampler` make policies and requests; `measure` holds planner's answers
against the evaluator's. Only `adapter` and `switches` know planner.
"""
