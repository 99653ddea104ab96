"""What it cost: lots, averages, shorts, reconciliation. Everything here is pure."""
