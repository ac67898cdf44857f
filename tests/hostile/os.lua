-- A program.
os.execute("reboot")
