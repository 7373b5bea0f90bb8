"""The plan: what a review is about and what apply writes."""
