# Interpreters that every Debian has, env with a command that it has and with one that may be missing, and a system without bash.
printf '#!/bin/bash\n' > bash.sh
printf '#!/usr/bin/env perl\n' > perl.pl
printf '#!/usr/bin/env python3\n' > python.py
printf '#!/usr/bin/env -S perl -w\n' > options.pl
chmod +x ./*.sh ./*.pl ./*.py
abiscope check bash.sh perl.pl python.py options.pl --target debian:12/amd64 || true
abiscope check bash.sh --target alpine:3.20/amd64
