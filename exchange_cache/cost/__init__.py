"""What it cost: lots, averages, shorts, reconciliation. All pure."""
