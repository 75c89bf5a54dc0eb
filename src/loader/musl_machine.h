// What musl's loader is on each architecture: the name it was built with and the relocation types it knows. Data only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/version.h"
#include "elf/header.h"
#include "target/architecture.h"

namespace abiscope::loader::musl {

// What do_relocs makes of a relocation type.
enum class Action : std::uint8_t {
    none,
    offset,
    offset_32,
    symbolic,
    global_data,
    jump_slot,
    relative,
    copy,
    tls_module,
    tls_offset,
    tls_static,
    tls_descriptor,
    unsupported,
};

struct TypeAction {
    std::uint32_t type;
    Action action;
    std::uint8_t since_patch = 0;      // known since 1.2.N
};

struct Machine {
    target::Architecture architecture;
    std::string_view name;             // as in ld-musl-NAME.so.1 and /etc/ld-musl-NAME.path
    std::uint16_t elf_machine;
    elf::Encoding encoding;
    std::span<const TypeAction> types;

    [[nodiscard]] Action action_of(std::uint32_t type, const Version& libc) const;
    [[nodiscard]] std::uint64_t word() const { return encoding.wide ? 8 : 4; }
};

// Null for an architecture whose loader is not described here (MIPS: its global offset table is relocated by rules of its own).
[[nodiscard]] const Machine* machine_of(target::Architecture architecture);

}  // namespace abiscope::loader::musl
