# What follows the interpreter's name is one argument: a carriage return belongs to it, and no shell has such an option. env without a command starts the script.
printf '#!/bin/bash -eu\r\necho hello\r\n' > returns.sh
printf '#!/bin/bash -euo pipefail\necho hello\n' > pipefail.sh
printf '#!/bin/sh -eu\necho hello\n' > sound.sh
printf '#!/usr/bin/env\necho hello\n' > nothing.sh
chmod 755 ./*.sh
abiscope check returns.sh pipefail.sh sound.sh nothing.sh --target debian:12/amd64
