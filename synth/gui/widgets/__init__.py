"""Controls of the window: what is drawn, pressed, dragged and turned."""
