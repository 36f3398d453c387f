"""Sources: one module each; files in, RDFLib statements out. No store in sight."""
