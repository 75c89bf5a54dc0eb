#include "source/program_source.h"

#include <algorithm>
#include <set>
#include <utility>

#include "abi/profile_catalogue.h"
#include "abi/recorded_call.h"
#include "abi/unnamed_bit_fields.h"
#include "bytes/limits.h"
#include "dwarf/name_match.h"
#include "source/entry_places.h"
#include "source/go_calls.h"
#include "source/program_conventions.h"
#include "source/program_signature.h"
#include "source/program_typedefs.h"
#include "source/rust_calls.h"

namespace abiscope::source {

namespace {

// What a type is recorded as and what it is computed as may differ only now that unnamed bit-fields are inferred.
void refuse_contradicted(Declarations& read, const std::optional<abi::Profile>& own) {
    std::erase_if(read.functions, [&](abi::Signature& function) {
        std::string found = abi::recorded_otherwise(read.types, function, own);
        if (found.empty()) return false;
        read.refused.emplace_back(std::move(function.name), std::move(found));
        return true;
    });
}

// Why no call of it can be placed; empty when there is nothing in the way.
std::string refusal(const dwarf::FunctionSignature& function) {
    if (function.by_reference)
        return "Fortran passes addresses of most arguments, and lengths of characters that no source shows; which ones is not modelled";
    if (function.assembly) return "it is written in assembly, of which debug information says where it is and not what it takes";
    if (function.made_up) return "its compiler calls it of its own accord, and records neither its parameters nor its result";
    return {};
}

}  // namespace

Result<std::unique_ptr<ProgramSource>> ProgramSource::open(const SourcePtr& program, debuginfo::FileFinder& finder,
                                                           const debuginfo::DebugFolders& folders, ProgramWanted wanted) {
    auto sink = std::make_unique<finding::Sink>();
    auto purpose = wanted.functions.empty() ? debuginfo::Purpose::types : debuginfo::Purpose::calls;
    ABISCOPE_TRY(auto types, debuginfo::ProgramTypes::open(program, &finder, folders, default_limits, *sink, 0, purpose));
    ABISCOPE_TRY(auto own, debuginfo::program_abi(program, types.debug(), *sink));
    return std::unique_ptr<ProgramSource>(new ProgramSource(program, std::move(types), std::move(own), std::move(wanted), std::move(sink)));
}

Result<std::shared_ptr<const Declarations>> ProgramSource::declarations(const abi::Profile&) {
    if (!read_) {
        auto read = std::make_shared<Declarations>();
        read_types(*read);
        read_functions(*read);
        auto own = own_profile();
        translate(read->types, own);
        refuse_contradicted(*read, own);
        read_ = std::move(read);
    }
    return read_;
}

std::optional<abi::Profile> ProgramSource::own_profile() const {
    auto profile = abi::find_profile(own_.profile);
    return profile ? std::optional(*std::move(profile)) : std::nullopt;
}

void ProgramSource::translate(abi::TypeTable& types, const std::optional<abi::Profile>& profile) const {
    auto files = program_.debug().files();
    translate_typedefs(types, files.empty() ? 8 : files.front().address_size);
    if (profile) abi::infer_unnamed_bit_fields(types, *profile);
}

void ProgramSource::visit_types(const dwarf::TypeWork& work, const dwarf::VisitDone& done) {
    auto profile = own_profile();
    auto shown = [&](std::size_t number, const abi::TypeTable& types, abi::TypeId id) {
        work(number, types, id != abi::TypeId::none && is_shown(types, id) ? id : abi::TypeId::none);
    };
    program_.visit_types("*", true, *sink_, shown, done, [&](abi::TypeTable& types) { translate(types, profile); });
}

namespace {

// `typedef atomic64_t atomic_long_t;`: the record behind it has that name already.
bool names_an_alias(const abi::TypeTable& types, abi::TypeId id) {
    if (types.at(id).kind != abi::Kind::alias) return false;
    abi::TypeId target = types.at(id).target;
    for (unsigned steps = 0; steps < 8 && types.contains(target) && types.at(target).kind == abi::Kind::qualified; ++steps)
        target = types.at(target).target;
    return types.contains(target) && types.at(target).kind == abi::Kind::alias;
}

}  // namespace

bool ProgramSource::is_record(const abi::TypeTable& types, abi::TypeId id) const {
    bool go = own_.language == abi::Language::go;
    const abi::Type& type = types.at(id);
    abi::TypeId meant = types.resolve(id);
    const abi::Record* record = types.record(meant);
    return record != nullptr && record->complete && !type.name.empty() && (type.language == abi::Language::go) == go;
}

// Complete records of the program's language, and typedefs of records that have no name of their own.
bool ProgramSource::is_shown(const abi::TypeTable& types, abi::TypeId id) const {
    abi::TypeId meant = types.resolve(id);
    return is_record(types, id) && (meant == id || types.at(meant).name.empty());
}

// A typedef of a record with a name of its own, unless that is asked for too.
bool ProgramSource::is_asked_for(const abi::TypeTable& types, abi::TypeId id) const {
    const std::string& own = is_record(types, id) ? types.at(types.resolve(id)).name : std::string();
    return !own.empty() && std::ranges::none_of(wanted_.types, [&](const std::string& one) { return dwarf::name_matches(one, own); });
}

void ProgramSource::read_types(Declarations& into) {
    for (std::size_t i = 0; i < wanted_.types.size(); ++i) {
        for (abi::TypeId id : program_.find_types(wanted_.types[i], into.types, *sink_)) {
            if (!is_shown(into.types, id) && !is_asked_for(into.types, id)) continue;
            // Of all types, as visit_types() has them.
            if (wanted_.types[i] == "*" && names_an_alias(into.types, id)) continue;
            const abi::Type& type = into.types.at(id);
            bool known = std::any_of(wanted_.types.begin(), wanted_.types.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const std::string& earlier) { return dwarf::name_matches(earlier, type.name); });
            if (!known) into.roots.push_back(id);
        }
    }
}

void ProgramSource::add_rust(Declarations& into, const dwarf::FunctionSignature& function, abi::Signature signature) const {
    RustCall call = rust_call(into.types, function, std::move(signature), own_profile());
    std::string name = call.signature.name;
    if (!call.refused.empty()) {
        into.refused.emplace_back(std::move(name), std::move(call.refused));
        return;
    }
    into.functions.push_back(std::move(call.signature));
    into.conditions.emplace(std::move(name), std::move(call.condition));
}

// Functions of one name are told apart by their linkage names.
void ProgramSource::read_functions(Declarations& into) {
    std::set<std::string, std::less<>> names;
    ProgramCalls units(own_.profile);
    auto own = own_profile();
    for (const std::string& pattern : wanted_.functions) {
        for (const dwarf::FunctionSignature& function : program_.find_functions(pattern, into.types, *sink_)) {
            const abi::Function* type = into.types.function(function.type);
            if (type == nullptr || function.name.empty()) continue;
            std::string name = function.name;
            if (!names.insert(name).second) {
                name = function.linkage_name;
                if (name.empty() || !names.insert(name).second) continue;
            }
            if (std::string why = refusal(function); !why.empty()) {
                into.refused.emplace_back(std::move(name), std::move(why));
                continue;
            }
            if (function.language == abi::Language::go) {
                GoCall call = go_call(into.types, function, abi::Function(*type), own, name);
                if (call.refused.empty()) into.functions.push_back(std::move(call.signature));
                else into.refused.emplace_back(std::move(name), std::move(call.refused));
                continue;
            }
            const UnitCalls& unit = units.of(function.producer);
            ProgramConvention how = convention_of(function, type->variadic, unit, own_);
            if (!how.refused.empty()) {
                into.refused.emplace_back(std::move(name), std::move(how.refused));
                continue;
            }
            abi::Signature signature = program_signature(into.types, function, *type, how.convention, unit.switches, name);
            if (function.language == abi::Language::rust) {
                add_rust(into, function, std::move(signature));
                continue;
            }
            std::string why = structor_unsaid(into.types, function, signature);
            if (why.empty()) why = switch_against_call(unit, into.types, signature);
            if (why.empty() && own) why = settle_by_entry(into.types, function, signature, *own);
            if (!why.empty()) {
                into.refused.emplace_back(std::move(name), std::move(why));
                continue;
            }
            into.functions.push_back(std::move(signature));
        }
    }
}

}  // namespace abiscope::source
