-- An endless loop by goto.
::again:: goto again
