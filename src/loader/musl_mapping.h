// The memory of one object as musl's map_library(), or the kernel for the program itself, would have made it out of the file. Addresses are
// those of the file (the load bias is left out).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/version.h"
#include "bytes/view.h"
#include "elf/image.h"

namespace abiscope::loader::musl {

// What happens to the process that touches a place.
enum class Fault : std::uint8_t {
    none,
    segv,
    bus,  // mapped, but behind the last page of the file
    unknown,  // outside the object: whatever else lies there decides
};

struct TlsSegment {
    std::uint64_t address = 0, file_size = 0, size = 0, alignment = 0;
};

class Mapping {
public:
    // The reasons for which map_library gives up, dies, or does what depends on things a file does not say.
    struct Refused {
        int error;
    };  // errno
    struct Killed {
        Fault fault;
        std::string reason;
    };
    struct Uncertain {
        std::string reason;
    };
    using Result = std::variant<Mapping, Refused, Killed, Uncertain>;

    // `image` was read with the loader's own encoding. The file is looked at as the loader does: e_type, program headers, nothing else.
    [[nodiscard]] static Result of_library(const elf::Image& image, std::uint64_t page_size, const Version& libc);
    // A program that the kernel has mapped.
    [[nodiscard]] static std::variant<Mapping, Uncertain> of_program(const elf::Image& image, std::uint64_t page_size);

    [[nodiscard]] std::uint64_t start() const { return start_; }
    [[nodiscard]] std::uint64_t end() const { return end_; }
    [[nodiscard]] bool fixed() const { return fixed_; }  // ET_EXEC: the addresses are final
    [[nodiscard]] std::uint64_t dynamic_address() const { return dynamic_; }  // 0: none
    [[nodiscard]] const std::optional<TlsSegment>& tls() const { return tls_; }
    // [first, second): whole pages; equal when there is no RELRO to protect.
    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> relro() const { return {relro_start_, relro_end_}; }

    // A machine word of the file's size and order.
    [[nodiscard]] Fault read_word(std::uint64_t address, std::uint64_t& value) const;
    // A NUL-terminated text; `unknown` also when it is longer than longest_text.
    [[nodiscard]] Fault read_text(std::uint64_t address, std::string_view& text) const;
    static constexpr std::uint64_t longest_text = 1 << 16;
    [[nodiscard]] Fault touch(std::uint64_t address, std::uint64_t size, bool write) const;
    // The bytes of the file that lie at `address` and behind it without a gap; empty where memory is zero-filled or not mapped.
    [[nodiscard]] View file_bytes_at(std::uint64_t address) const;
    // Every page of [start, end) belongs to the object: mprotect() on it succeeds.
    [[nodiscard]] bool covers(std::uint64_t start, std::uint64_t end) const;

    // mprotect() of the whole object, done for DT_TEXTREL.
    void make_writable() { all_writable_ = true; }

private:
    struct Region {
        std::uint64_t start, end;  // addresses
        std::uint64_t offset;  // in the file, of `start`
        bool zero;  // not file-backed
        std::uint32_t flags;  // PF_*
    };
    [[nodiscard]] const Region* region_at(std::uint64_t address) const;
    [[nodiscard]] Fault read_byte(std::uint64_t address, std::uint8_t& value) const;
    [[nodiscard]] std::uint64_t last_mapped_byte() const;

    View file_;
    elf::Encoding encoding_;
    std::uint64_t page_ = 4096;
    std::vector<Region> regions_;  // a later one lies on top of an earlier one
    std::uint64_t start_ = 0, end_ = 0, dynamic_ = 0, relro_start_ = 0, relro_end_ = 0;
    std::optional<TlsSegment> tls_;
    bool fixed_ = false;
    bool all_writable_ = false;
    bool by_kernel_ = false;

    friend class LibraryMapper;
};

}  // namespace abiscope::loader::musl
