#include "abi/recorded_call.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "abi/element_type.h"
#include "abi/layout.h"
#include "abi/recorded.h"
#include "abi/recorded_size.h"

namespace abiscope::abi {

namespace {

bool is_without_members(const Record& record) {
    return record.complete && record.bases.empty() && record.fields.empty() && record.virtual_functions.empty() && !record.discriminant &&
        record.variants.empty();
}

class Comparison {
public:
    Comparison(const TypeTable& types, const std::optional<Profile>& own) : types_(types), own_(own) {}

    std::string of(TypeId type) {
        std::string found = of_size(type);
        return found.empty() ? of_records(type) : found;
    }

private:
    [[nodiscard]] std::string named(TypeId type, TypeId resolved) const {
        const std::string& own = types_.at(resolved).name;
        const std::string& written = types_.at(type).name;
        if (own.empty() && written.empty()) return "a type without a name";
        return "`" + (own.empty() ? written : own) + "`";
    }

    // Scalars too: -mlong-double-64.
    [[nodiscard]] std::string of_size(TypeId type) const {
        auto recorded = recorded_size(types_, type);
        if (!own_ || !recorded || types_.record(types_.resolve(type)) != nullptr) return {};
        auto computed = lay_out(types_, type, *own_);
        if (!computed || computed->size == *recorded) return {};   // place_call() says what has no layout
        return fmt::format("{}: the size is recorded as {}, and computed as {}", named(type, types_.resolve(type)), *recorded,
                           computed->size);
    }

    [[nodiscard]] std::string of_record(TypeId record) const {
        if (types_.at(record).language == Language::rust) {
            if (!types_.record(record)->variants.empty()) return {};   // place_call() says why they have no layout
            std::string differs = recorded_difference(types_, record, *own_);
            return differs.empty() ? differs : differs + ": it is not laid out as #[repr(C)] asks for";
        }
        auto recorded = recorded_layout(types_, record, *own_);
        return recorded && !recorded->computed ? recorded->differs : std::string();
    }

    // Those that lie in it as well: what is wrong inside need not move what is outside.
    std::string of_records(TypeId outermost) {
        std::vector<TypeId> open{outermost};
        while (!open.empty()) {
            TypeId type = open.back();
            open.pop_back();
            TypeId resolved = element_type(types_, type);
            const Record* record = resolved == TypeId::none ? nullptr : types_.record(resolved);
            if (record == nullptr || !met_.insert(resolved).second) continue;
            // GCC 12 writes so the union behind a typedef with attribute transparent_union, which <sys/socket.h> has.
            if (is_without_members(*record) && types_.at(resolved).observed.size.value_or(0) > 1) {
                return fmt::format("{} is recorded with {} bytes and without members: what they are decides where it travels",
                                   named(type, resolved), *types_.at(resolved).observed.size);
            }
            if (own_) {
                if (std::string differs = of_record(resolved); !differs.empty()) return named(type, resolved) + ": " + differs;
            }
            for (const Base& base : record->bases) open.push_back(base.type);
            for (const Field& field : record->fields) open.push_back(field.type);
        }
        return {};
    }

    const TypeTable& types_;
    const std::optional<Profile>& own_;
    std::set<TypeId> met_;
};

// Of the value itself, not of a pointer to what a class keeps in memory whatever its bytes.
bool travels_by_value(const Travels& travels) { return travels.passed != Passed::by_hidden_reference; }

}  // namespace

std::string recorded_otherwise(const TypeTable& types, const Signature& signature, const std::optional<Profile>& own) {
    Comparison comparison(types, own);
    std::optional<Call> call;
    if (own) {
        if (auto placed = place_call(types, signature, *own)) call = *std::move(placed);
    }
    std::size_t hidden = call ? call->arguments.size() - std::min(call->arguments.size(), signature.parameters.size()) : 0;
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
        TypeId type = signature.parameters[i].type;
        if (!types.contains(type)) continue;
        if (call && hidden + i < call->arguments.size() && !travels_by_value(call->arguments[hidden + i])) continue;
        if (std::string found = comparison.of(type); !found.empty()) return found;
    }
    for (const Parameter& result : signature.results) {
        if (!types.contains(result.type)) continue;
        if (std::string found = comparison.of(result.type); !found.empty()) return found;
    }
    return {};
}

}  // namespace abiscope::abi
