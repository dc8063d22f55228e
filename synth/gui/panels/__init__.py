"""Panels of the window, each a group of widgets over the parameter declarations."""
