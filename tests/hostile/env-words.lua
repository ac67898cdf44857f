-- Words that are overwritten.
device = nil
machine = 5
device { leave = true }
