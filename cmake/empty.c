extern int tilth_empty_floor; /* a floor that has no source file yet */
