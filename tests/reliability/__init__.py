"""What faults of exchanges, disks and machines do to a cache: `make torture` tries them and adds up
what it finds in docs/reliability.md. A class of trials is a module (`frame.Trials`)."""
