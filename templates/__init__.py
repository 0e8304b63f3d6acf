"""What forms and letters look like, and how a form's values are found among the words of its pages."""
