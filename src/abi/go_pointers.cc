#include "abi/go_layout.h"
#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

constexpr std::uint64_t most_words = 1U << 20;

class Marker {
public:
    Marker(const TypeTable& types, const Profile& profile) : types_(types), engine_(types, profile), word_(profile.pointer) {}

    Result<void> mark(TypeId type, std::uint64_t offset, std::uint32_t depth = 0);
    [[nodiscard]] GoPointers take() && {
        pointers_.bytes = pointers_.mask.size() * word_;
        return std::move(pointers_);
    }

private:
    Result<void> set(std::uint64_t offset) {
        std::uint64_t index = offset / word_;
        if (index >= most_words) return fail(ErrorCode::limit_reached, "the pointer mask has more than a million words");
        if (pointers_.mask.size() <= index) pointers_.mask.resize(index + 1);
        pointers_.mask[index] = true;
        return {};
    }

    const TypeTable& types_;
    Engine engine_;
    std::uint64_t word_;
    GoPointers pointers_;
};

Result<void> Marker::mark(TypeId type, std::uint64_t offset, std::uint32_t depth) {
    ABISCOPE_CHECK(engine_.step());
    if (depth > deepest_nesting) return fail(ErrorCode::limit_reached, "types are nested too deeply");
    TypeId id = types_.resolve(type);
    if (!types_.contains(id)) return fail(ErrorCode::bad_value, "a type is named that is not there");
    const Type& resolved = types_.at(id);
    switch (resolved.kind) {
        case Kind::pointer:
        case Kind::go_map:
        case Kind::go_channel:
        case Kind::go_function:
        case Kind::go_string:
        case Kind::go_slice: return set(offset);
        // The word before is the type or itab: it lies outside the heap and is not marked.
        case Kind::go_interface: return set(offset + word_);
        case Kind::array: {
            ABISCOPE_TRY(Extent element, engine_.extent(resolved.target));
            std::size_t before = pointers_.mask.size();
            for (std::uint64_t i = 0; i < resolved.count.value_or(0) && element.size != 0; ++i) {
                ABISCOPE_CHECK(mark(resolved.target, offset + i * element.size, depth + 1));
                // An element without pointers stands for all.
                if (i == 0 && pointers_.mask.size() == before) return {};
            }
            return {};
        }
        case Kind::record: {
            ABISCOPE_TRY(const RecordInfo* info, engine_.record(id));
            const Record& record = *types_.record(id);
            for (std::size_t i = 0; i < record.fields.size(); ++i) {
                ABISCOPE_CHECK(mark(record.fields[i].type, offset + info->field_offsets[i] / 8, depth + 1));
            }
            return {};
        }
        default: return {};
    }
}

}  // namespace

Result<GoPointers> go_pointers(const TypeTable& types, TypeId type, const Profile& profile) {
    Marker marker(types, profile);
    ABISCOPE_CHECK(marker.mark(type, 0));
    return std::move(marker).take();
}

}  // namespace abiscope::abi
