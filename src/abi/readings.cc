// Whether all readings of a record that debug information leaves open (Record::other_readings) come to one layout.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

bool same(const Result<Layout>& a, const Result<Layout>& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    auto place = [](const Placed& one, const Placed& other) {
        return one.role == other.role && one.name == other.name && one.bit_offset == other.bit_offset && one.bit_size == other.bit_size;
    };
    return a->size == b->size && a->alignment == b->alignment && a->data_size == b->data_size && a->nonvirtual_size == b->nonvirtual_size &&
        a->nonvirtual_alignment == b->nonvirtual_alignment && std::ranges::equal(a->placed, b->placed, place);
}

}  // namespace

Result<void> check_readings(const Engine& engine) {
    for (TypeId id : engine.several_readings()) {
        const TypeTable& types = engine.types();
        Result<Layout> first = lay_out_one_reading(types, id, engine.profile());
        bool agree = std::ranges::all_of(types.record(id)->other_readings,
                                         [&](TypeId other) { return same(first, lay_out_one_reading(types, other, engine.profile())); });
        if (agree && first) continue;
        const std::string& name = types.at(id).name;
        return fail(ErrorCode::unsupported,
                    fmt::format("{} has a bit-field without a name, whose type decides here, and debug information does not record it",
                                name.empty() ? std::string("a record without a name") : name));
    }
    return {};
}

}  // namespace abiscope::abi
