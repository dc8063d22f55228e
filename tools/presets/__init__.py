"""The factory presets: recipes, and the tool that makes them."""
