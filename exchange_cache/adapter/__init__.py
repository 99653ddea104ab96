"""Reading any exchange: the engine, which names none; it is given a policy, it returns records."""
