"""What the application costs, measured side by side with others."""
