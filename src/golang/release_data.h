// What differs between Go's releases, out of data/go: where the fields of the runtime's structs lie, and the names of its numbers. Nothing
// is read before it is asked for, and nothing is kept: who asks often keeps the offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "golang/release.h"

namespace abiscope::golang {

struct FieldPlace {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

// One struct under one release and architecture. Views into data/go, valid as long as the program runs.
class StructLayout {
public:
    StructLayout(std::uint64_t size, std::string_view fields) : fields_(fields), size_(size) {}
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] std::optional<FieldPlace> field(std::string_view name) const;   // nothing: this release has none of that name

private:
    std::string_view fields_;
    std::uint64_t size_;
};

// `type` with its package: "runtime.g", "internal/abi.Type"; `architecture` as GOARCH says it, linux. Nothing when data/go has no such
// struct of that release.
[[nodiscard]] std::optional<StructLayout> struct_layout(std::string_view type, Release release, std::string_view architecture);
// The same for structs that are alike on every architecture with pointers of `word` bytes, which most are that Go shares with its linker.
[[nodiscard]] std::optional<StructLayout> struct_layout(std::string_view type, Release release, unsigned word);

enum class NameKind : std::uint8_t { wait_reason, goroutine_status, function_id };

// "chan receive", "waiting", "sigpanic": as the runtime prints them, of FuncIDs the constant's name.
[[nodiscard]] std::optional<std::string_view> name_of(NameKind kind, Release release, std::uint64_t value);
[[nodiscard]] std::optional<std::uint64_t> value_of(NameKind kind, Release release, std::string_view name);

}  // namespace abiscope::golang
