// The bytes, values and absences a finding stands on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace abiscope::finding {

enum class EvidenceRole : std::uint8_t { shows, supports, contradicts };

enum class EvidenceKind : std::uint8_t {
    bytes,         // these bytes of the file
    value,         // a decoded field of the file
    absence,       // searched and not there; `reading` names the range searched
    environment,   // a property of the target: its kernel, its libc, a variable
    derived,       // concluded from other evidence; `reading` says from what
};

struct Evidence {
    EvidenceRole role = EvidenceRole::shows;
    EvidenceKind kind = EvidenceKind::value;
    std::string file;                          // empty: the subject itself
    std::optional<std::uint64_t> offset;       // bytes from the start of the file on disk
    std::optional<std::uint64_t> size;         // bytes
    std::optional<std::uint64_t> address;      // virtual address, not biased
    std::string path;                          // structural: elf/dynamic[7].d_val
    std::string reading;                       // what it says, decoded

    // Constructors by kind, so that none can be made without what its kind needs.
    [[nodiscard]] static Evidence value(std::string path, std::uint64_t offset, std::uint64_t size, std::string reading);
    [[nodiscard]] static Evidence bytes(std::string path, std::uint64_t offset, std::uint64_t size, std::string reading);
    [[nodiscard]] static Evidence absence(std::string path, std::string searched);
    [[nodiscard]] static Evidence environment(std::string what, std::string reading);
    [[nodiscard]] static Evidence derived(std::string path, std::string reading);

    [[nodiscard]] Evidence in_file(std::string other) && {
        file = std::move(other);
        return std::move(*this);
    }
    [[nodiscard]] Evidence at_address(std::uint64_t virtual_address) && {
        address = virtual_address;
        return std::move(*this);
    }
    [[nodiscard]] Evidence as(EvidenceRole other) && {
        role = other;
        return std::move(*this);
    }
};

[[nodiscard]] std::string_view to_string(EvidenceRole role);
[[nodiscard]] std::string_view to_string(EvidenceKind kind);

}  // namespace abiscope::finding
