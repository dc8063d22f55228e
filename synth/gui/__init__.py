"""The window and the terminal view: panels over the parameter declarations. No widget holds truth."""
