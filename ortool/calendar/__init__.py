"""HOW OTHERS SEE IT: slots as iCalendar bytes."""
