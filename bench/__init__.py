"""The benchmark of reading: accuracy, silent errors, calibration and cost, beside an honest baseline (`make bench`)."""
