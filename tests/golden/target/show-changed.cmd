# The same with another processor, kernel, page size and user.
abiscope target show alpine:3.20/arm64 --kernel 5.4 --page-size 65536 --user root
