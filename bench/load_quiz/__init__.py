"""`make load-quiz`: a thousand learners in a quiz at once, on the product as it runs; whether every answer is kept."""
