"""Stands where systemd stands: binds the notify socket that is named and prints what it receives, one assignment a line."""
import os
import socket
import sys

server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
print("bound", flush=True)
while True:
    # A file descriptor may come along (BARRIER=1): it is closed because it is not received, which is the answer.
    print(server.recv(4096).decode(), flush=True)
