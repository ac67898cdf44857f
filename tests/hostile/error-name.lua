-- An error that looks like one of the program.
error("policy0:1: /etc/passwd:7: policy99: policy")
