-- What a terminal obeys: [2J]0;gone
device { leave = [2J }
