// The registers of a thread, by name, on every machine whose core dumps are understood. Layouts are data (registers_table.cc).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "bytes/endian.h"
#include "bytes/view.h"
#include "disasm/architecture.h"

namespace abiscope::core {

inline constexpr std::size_t most_registers = 40;

struct RegisterPlace {
    std::string_view name;
    std::int16_t dwarf = -1;           // its number in call frame information; -1: it has none
};

// One machine: what NT_PRSTATUS looks like there, and what its registers are for.
struct MachineLayout {
    std::uint16_t machine = 0;         // e_machine
    bool wide = true;                  // the dump is of ELFCLASS64
    std::string_view name;             // "x86-64"
    disasm::Architecture architecture = disasm::Architecture::x86_64;
    std::uint32_t status_size = 0;     // bytes of struct elf_prstatus
    std::uint32_t registers_offset = 0;
    std::span<const RegisterPlace> registers;   // word after word
    std::string_view pc;
    std::string_view sp;
    std::string_view fp;
    std::string_view return_address;   // the link register; empty where it is on the stack
    bool narrow_ids = false;           // uid and gid of NT_PRPSINFO are 16 bits
    // Of a thread of a 64-bit process that ran 32-bit code: registers and pointers are narrower than the notes.
    bool compatibility_mode = false;

    // Bytes of a register and of a pointer.
    [[nodiscard]] std::uint8_t word_size() const { return wide && !compatibility_mode ? 8 : 4; }
};

// Null for a machine that is not known.
[[nodiscard]] const MachineLayout* find_layout(std::uint16_t machine, bool wide);

class Registers {
public:
    Registers() = default;
    explicit Registers(const MachineLayout* layout) : layout_(layout) {}

    // `bytes` are those of the general registers in NT_PRSTATUS; what does not fit is not known.
    [[nodiscard]] static Registers read(const MachineLayout& layout, View bytes, Endian order);

    [[nodiscard]] const MachineLayout* layout() const { return layout_; }

    // Nothing when the machine has no such register, or its value is not known. Names of parts ("eax", "r8d", "al") are understood.
    [[nodiscard]] std::optional<std::uint64_t> get(std::string_view name) const;
    [[nodiscard]] std::optional<std::uint64_t> by_dwarf(std::uint64_t number) const;
    void set(std::string_view name, std::optional<std::uint64_t> value);
    void set_dwarf(std::uint64_t number, std::optional<std::uint64_t> value);

    [[nodiscard]] std::optional<std::uint64_t> pc() const { return layout_ ? get(layout_->pc) : std::nullopt; }
    [[nodiscard]] std::optional<std::uint64_t> sp() const { return layout_ ? get(layout_->sp) : std::nullopt; }
    [[nodiscard]] std::optional<std::uint64_t> fp() const { return layout_ ? get(layout_->fp) : std::nullopt; }

    // The register that holds all of `name` ("rax" for "al"); empty when there is none.
    [[nodiscard]] std::string_view whole(std::string_view name) const;

private:
    [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const;

    const MachineLayout* layout_ = nullptr;
    std::array<std::uint64_t, most_registers> values_{};
    std::uint64_t known_ = 0;          // a bit for each
};

}  // namespace abiscope::core
