"""What every door can ask for: plan, run, resume, rerun, cancel, why, compare. Doors parse and show; the logic is here."""
