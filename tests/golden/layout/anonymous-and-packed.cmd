cat > types.h <<'END'
#pragma once
#include <stdint.h>
#pragma pack(push, 1)
struct Header { uint8_t kind; uint32_t length; };
#pragma pack(pop)
struct Message {
    struct Header header;
    union {
        uint64_t number;
        char text[12];
    };
    _Alignas(64) unsigned char body[];
};
typedef struct { int only; } Named;
END
abiscope layout types.h --abi sysv-amd64,win64-msvc -- -ffreestanding -nostdlibinc
