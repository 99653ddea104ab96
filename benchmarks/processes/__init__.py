"""Programs that are measured as processes of their own, beside the commands of excache."""
