"""Devices, files and offline rendering."""
