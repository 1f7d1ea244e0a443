"""Runs a command as the leader of a terminal of its own. A line on stdin closes the terminal, as its window would.
Then prints how the command ended: `exit 0`, or `signal 6`."""
import os, pty, select, sys

pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while master is not None:
    for ready in select.select([master, 0], [], [])[0]:
        if ready == master:
            try:
                sys.stdout.buffer.write(os.read(master, 65536))
                sys.stdout.flush()
            except OSError:
                os.close(master)
                master = None
                break
        else:
            sys.stdin.readline()
            os.close(master)
            master = None
            break
status = os.waitpid(pid, 0)[1]
print(f"exit {os.WEXITSTATUS(status)}" if os.WIFEXITED(status) else f"signal {os.WTERMSIG(status)}", flush=True)
