-- Functions where data is expected.
device { vendor = tostring, driver = { print }, steps = { error }, why = type, leave = next }
