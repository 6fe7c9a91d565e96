"""Every write on documents: one function per act of the office."""
