cat > api.h <<'END'
typedef struct { float x, y, z; } Vector;
Vector cross(Vector a, Vector b);
double length(const Vector *v);
END
abiscope call --from api.h --abi aapcs64,lp64d-riscv64 -- -ffreestanding
abiscope call 'void keep(Vector v)' --from api.h --abi sysv-amd64
