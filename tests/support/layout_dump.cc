// Lays out every record of a file in the form of type_text.h: `layout_dump PROFILE FILE`. One line each, as the compilers' dumps are
// brought to by tests/differential/abi/truth.py: NAME size align field=BIT_OFFSET... base:NAME=BYTE_OFFSET... vbase:NAME=BYTE_OFFSET...; or
// NAME error CODE: why.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "abi/go_layout.h"
#include "abi/layout.h"
#include "abi/profile_catalogue.h"
#include "support/type_text.h"

namespace {

using namespace abiscope;

// Every bit of a record is placed, padding or inside something placed, and nothing is both; what is not would be a hole without a reason.
std::string check_cover(const abi::Layout& layout, bool is_union) {
    std::uint64_t end = 0;
    std::size_t next = 0;
    auto take_padding = [&] {
        while (next < layout.padding.size() && layout.padding[next].bit_offset == end) {
            end += layout.padding[next].bit_size;
            ++next;
        }
    };
    for (const abi::Placed& placed : layout.placed) {
        take_padding();
        if (placed.bit_offset > end) return fmt::format(" hole@{}", end);
        end = std::max(end, placed.bit_offset + placed.bit_size);
    }
    take_padding();
    if (!is_union && next != layout.padding.size()) return fmt::format(" stray-padding@{}", layout.padding[next].bit_offset);
    return end < layout.size * 8 ? fmt::format(" hole@{}", end) : std::string();
}

std::string go_figures(const abi::TypeTable& types, abi::TypeId id, const abi::Profile& profile, std::uint64_t size) {
    auto pointers = abi::go_pointers(types, id, profile);
    if (!pointers) return " error " + pointers.error().describe();
    std::string mask;
    for (bool is_pointer : pointers->mask) mask += is_pointer ? '1' : '0';
    abi::GoAllocation heap = abi::go_allocation(size, pointers->bytes != 0, profile);
    return fmt::format(" pointers={} mask={} slot={} header={} objects={} span={}", pointers->bytes, mask, heap.size_class, heap.header,
                       heap.objects_per_span, heap.span);
}

// An anonymous struct or union has its type's name in parentheses.
std::string name_of(const abi::Placed& placed, const abi::TypeTable& types) {
    return placed.name.empty() ? fmt::format("({})", types.at(placed.type).name) : placed.name;
}

void print(const std::string& name, const abi::TypeTable& types, abi::TypeId id, const abi::Profile& profile) {
    auto layout = abi::lay_out(types, id, profile);
    if (!layout) {
        fmt::print("{} error {}\n", name, layout.error().describe());
        return;
    }
    const abi::Record& record = *types.record(id);
    std::string line = fmt::format("{} {} {}", name, layout->size, layout->alignment);
    for (const abi::Placed& placed : layout->placed) {
        switch (placed.role) {
            case abi::Role::member:
            case abi::Role::bit_field: line += fmt::format(" {}={}", name_of(placed, types), placed.bit_offset); break;
            case abi::Role::base: line += fmt::format(" base:{}={}", placed.name, placed.bit_offset / 8); break;
            case abi::Role::virtual_base: line += fmt::format(" vbase:{}={}", placed.name, placed.bit_offset / 8); break;
            default: break;
        }
    }
    if (profile.compiler == abi::Compiler::go) line += go_figures(types, id, profile, layout->size);
    fmt::print("{}{}\n", line, check_cover(*layout, record.kind == abi::RecordKind::union_));
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        fmt::print(stderr, "usage: layout_dump PROFILE FILE\n");
        return 2;
    }
    auto profile = abi::find_profile(arguments[1]);
    if (!profile) {
        fmt::print(stderr, "{}\n", profile.error().describe());
        return 4;
    }
    std::ifstream file(arguments[2]);
    std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    try {
        test::TypeText text(all);
        for (const auto& [name, id] : text.named) {
            if (text.table.record(id) != nullptr) print(name, text.table, id, *profile);
        }
    } catch (const std::runtime_error& problem) {
        fmt::print(stderr, "{}: {}\n", arguments[2], problem.what());
        return 4;
    }
    return 0;
}
