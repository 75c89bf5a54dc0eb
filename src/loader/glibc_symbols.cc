#include "loader/glibc_symbols.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/endian.h"
#include "elf/notes.h"
#include "elf/spec.h"
#include "loader/glibc_c_library.h"
#include "loader/glibc_closure.h"
#include "loader/glibc_messages.h"

namespace abiscope::loader {

namespace {

namespace text = glibc_text;
using elf::RelocationRole;

struct Match {
    ScopeMember* member = nullptr;
    GlibcFacts::Definition definition;
    bool assertion = false;        // the loader stops with check_match's assertion
    bool not_seen = false;         // what this glibc does with a file without version table is not known
    bool not_in_named_file = false;    // up to 2.29: the search ends at the file the version names
    bool assumed = false;          // a module without known symbols may have it
};

bool needs_indirect_access(const elf::Image* image) {
    constexpr std::uint32_t property_1_needed = 0xb0008000, indirect_extern_access = 1;     // GNU_PROPERTY_1_NEEDED, bit 0
    if (image == nullptr) return false;
    for (const elf::Note& note : elf::read_notes(*image)) {
        if (note.name != "GNU" || note.type != elf::nt_gnu_property_type_0) continue;
        for (const elf::Property& property : elf::read_properties(note, image->encoding()).entries) {
            if (property.type == property_1_needed && property.data.size() >= 4 &&
                (load<std::uint32_t>(property.data.data(), image->encoding().order) & indirect_extern_access) != 0)
                return true;
        }
    }
    return false;
}

class Binder {
public:
    Binder(GlibcWorld& world, GlibcNamespace& space, const Program& program, const target::Target& target, const target::Libc& libc,
           const Options& options)
        : world_(world), space_(space), program_(program), libc_(libc), options_(options), rules_(world.rules().rules) {
        auto variable = target.variable("LD_BIND_NOW");
        bind_now_ = options.bind_now || (variable && !variable->empty() && (!space.secure() || rules_.bind_now_when_secure));
        auto warn = target.variable("LD_WARN");
        verbose_ = warn && !warn->empty();
        for (GlibcObject* object : space.search_list()) {
            if (object->missing()) continue;
            const GlibcFacts* facts = object->module->symbols_known() ? &world.facts(object->module) : nullptr;
            object->index = static_cast<std::uint32_t>(scope_.size());
            scope_.push_back({object, facts, object->is_loader});
            any_described_ |= facts == nullptr;
        }
    }

    BindingReport run() {
        std::vector<GlibcObject*> order = space_.sorted();
        for (std::size_t i = 0; i < scope_.size(); ++i) scope_[i].object->index = static_cast<std::uint32_t>(i);
        give_up_if(&GlibcFacts::symbol_damage);
        bool usual = !options_.keep_bindings && all_usual();
        for (std::size_t i = order.size(); i-- > 0 && !stopped_;) {
            ScopeMember& member = scope_[order[i]->index];
            if (order[i]->is_loader || member.facts == nullptr) continue;
            if (usual && !order[i]->program && !binds_unusually(member, order, i)) bind_rest(member);
            else bind_all(member);
            member.relocated = true;
        }
        if (!stopped_) {
            if (auto missing = missing_part(world_, space_, program_, libc_)) {
                report_.failed = missing->problem.certain;
                report_.unknown = !missing->problem.certain;
                if (!missing->line.empty()) report_.lines.push_back(std::move(missing->line));
                if (!missing->assumption.empty()) assume(std::move(missing->assumption));
                report_.problems.push_back(std::move(missing->problem));
                stopped_ = true;
            }
        }
        if (!stopped_) give_up_if(&GlibcFacts::start_damage);
        if (!stopped_) report_lazy();
        return std::move(report_);
    }

private:
    // Whether every library has the dependencies it was first met with, so that what was worked out for it holds here.
    bool all_usual() {
        std::vector<std::uint64_t> needed;
        for (const ScopeMember& member : scope_) {
            if (member.object->program) continue;
            needed.clear();
            for (const GlibcObject* object : member.object->needed) needed.push_back(serial_of(*object));
            if (!world_.has_usual_dependencies(member.object->module, needed)) return false;
        }
        return true;
    }

    // Objects from outside that stand in front may take a reference over; that matters only where it changes what happens at start: a
    // resolver function that would run in an object that is not relocated yet.
    bool binds_unusually(const ScopeMember& member, const std::vector<GlibcObject*>& order, std::size_t position) {
        const GlibcWorld::Closure& closure = closure_of(member);
        for (std::size_t i = 0; i < position; ++i) {
            const ScopeMember& other = scope_[order[i]->index];
            if (other.facts == nullptr || !other.facts->has_ifunc || other.relocated) continue;
            if (std::ranges::binary_search(closure.members, serial_of(*other.object))) continue;
            if (world_.may_bind_to_ifunc(member.object->module, other.object->module)) return true;
        }
        return false;
    }

    const GlibcWorld::Closure& closure_of(const ScopeMember& member) {
        return world_.closure(member.object->module, [&] { return make_closure(scope_, rules_, member); });
    }

    bool find_in(ScopeMember& candidate, const Reference& reference, const FoundVersion* version, Match& match) {
        if (candidate.facts == nullptr) return false;
        if (reference.lookup_class == LookupClass::copy && candidate.object->program) return false;
        if (candidate.facts->may_hold(reference.name)) {
            match.definition = candidate.facts->find(reference.name, version, reference.lookup_class, rules_);
            bool named_without_versions =
                match.definition.without_versions && version->needed && is_named(*candidate.object, version->file);
            if (named_without_versions && rules_.unversioned_provider != GlibcRules::UnversionedProvider::accepted) {
                match.member = &candidate;
                match.assertion = rules_.unversioned_provider == GlibcRules::UnversionedProvider::assertion;
                match.not_seen = !match.assertion;
                return true;
            }
            if (match.definition.found) {
                match.member = &candidate;
                return true;
            }
        }
        if (rules_.version_is_relocation_error && version != nullptr && version->needed && is_named(*candidate.object, version->file)) {
            match.not_in_named_file = true;
            return true;
        }
        return false;
    }

    Match lookup(ScopeMember& from, const Reference& reference) {
        const FoundVersion* version = version_of(from, reference);
        Match match;
        if (from.facts->symbolic && !from.object->program && find_in(from, reference, version, match)) return match;
        for (ScopeMember& candidate : scope_) {
            if (find_in(candidate, reference, version, match)) return match;
        }
        if (any_described_ && !reference.weak) {
            const GlibcObject* named = version != nullptr && version->needed ? space_.find(version->file) : nullptr;
            match.assumed = named == nullptr ? version == nullptr : named->module && named->module->description() != nullptr;
        }
        return match;
    }

    bool is_lazy(const ScopeMember& member) const { return !bind_now_ && !member.facts->bind_now; }

    void bind_all(ScopeMember& member) {
        for (const Reference& reference : member.facts->references) {
            if (stopped_) return;
            bind(member, reference);
        }
        finish(member);
    }

    void bind_rest(ScopeMember& member) {
        const GlibcWorld::Closure& closure = closure_of(member);
        for (std::uint32_t index : closure.open_references) {
            if (stopped_) return;
            bind(member, member.facts->references[index]);
        }
        finish(member);
    }

    void finish(ScopeMember& member) {
        if (stopped_) return;
        if (!member.facts->whole) {
            give_up(member, "the relocation tables run past the end of the file", 0);
        } else if (member.facts->has_android_relocations) {
            give_up(member, "relocations packed for Android's loader, which glibc leaves alone", 0);
        } else if (member.facts->has_relr && !rules_.dt_relr) {
            give_up(member, fmt::format("DT_RELR relocations, which glibc {} does not apply", libc_.version.to_string()), 0);
        }
    }

    void bind(ScopeMember& member, const Reference& reference) {
        if (reference.kind != Reference::Kind::lookup) {
            fault(member, reference);
            return;
        }
        bool lazy = reference.in_plt && is_lazy(member);
        Match match = lookup(member, reference);
        if (match.not_seen) {
            give_up(member,
                    fmt::format("whether glibc {} takes {} from {}, which has no version table", libc_.version.to_string(),
                                reference.name.text, space_.shown(*match.member->object)),
                    reference.record_offset);
            return;
        }
        if (options_.keep_bindings) keep(member, reference, match);
        if (match.assumed) {
            assume("symbols of libraries of which only names and versions are known are taken to be there when their version is");
            return;
        }
        if (lazy) {
            if ((match.member == nullptr && !reference.weak) || match.assertion || is_refused(member, reference, match))
                lazy_.push_back({&member, &reference, match});
            return;
        }
        if (is_refused(member, reference, match)) {
            warn_of_protected(reference, match);
            unresolved(member, reference, match, true);
            return;
        }
        if (match.assertion || (match.member == nullptr && (!reference.weak || match.not_in_named_file))) {
            unresolved(member, reference, match, true);
            return;
        }
        if (may_overflow(member, reference, match)) {
            give_up(member, fmt::format("whether {} is near enough for a relocation of 32 bits", reference.name.text),
                    reference.record_offset);
            return;
        }
        if (match.member != nullptr) bound(member, reference, match);
    }

    // Addresses are known only for what does not move; a library is far from the program and near other libraries.
    bool may_overflow(const ScopeMember& member, const Reference& reference, const Match& match) const {
        if (!reference.may_be_far || !world_.rules().machine.wide) return false;
        if (reference.type == x86_64_pc32) return match.member == nullptr || match.member->object->program != member.object->program;
        if (reference.type != x86_64_32 || match.member == nullptr) return false;
        const elf::Image* provider = match.member->object->module->image();
        return provider == nullptr || provider->header().type != elf::et_exec;
    }

    // sysdeps/generic/dl-protected.h, _dl_check_protected_symbol(): the program copies data of a library that keeps using its own, or has
    // an address of its own for a function.
    [[nodiscard]] bool binds_protected(const ScopeMember& member, const Reference& reference, const Match& match) const {
        if (match.member == nullptr || !member.object->program || !rules_.protected_warnings) return false;
        if (match.definition.symbol.visibility() != elf::stv_protected) return false;
        bool address = reference.lookup_class == LookupClass::plt && reference.symbol_value != 0 && !reference.defined;
        return reference.lookup_class == LookupClass::copy || address;
    }

    // And the library was built for being reached indirectly only.
    [[nodiscard]] bool is_refused(const ScopeMember& member, const Reference& reference, const Match& match) const {
        return binds_protected(member, reference, match) && needs_indirect_access(match.member->object->module->image());
    }

    void warn_of_protected(const Reference& reference, const Match& match) {
        bool copy = reference.lookup_class == LookupClass::copy;
        std::string_view provider = match.member->object->name;
        report_.lines.push_back(copy ? text::copy_protected(reference.name.text, provider)
                                     : text::direct_protected(reference.name.text, provider));
    }

    // What happens when a reference is bound at start and its definition is there.
    void bound(ScopeMember& member, const Reference& reference, const Match& match) {
        const elf::Symbol& symbol = match.definition.symbol;
        GlibcObject& provider = *match.member->object;
        std::string_view name = reference.name.text;
        // The C library that starts the program is not the one whose loader this is (musl's in front of glibc's).
        if (member.object->program && name == "__libc_start_main" && provider.module->image() != nullptr &&
            !provider.module->soname().starts_with("libc.so.") && !provider.program) {
            give_up(member, fmt::format("what {} of {} does in a process that glibc's loader has set up", name, space_.shown(provider)),
                    reference.record_offset);
            return;
        }
        if (binds_protected(member, reference, match)) warn_of_protected(reference, match);
        if (reference.lookup_class == LookupClass::copy &&
            (symbol.size > reference.symbol_size || (symbol.size < reference.symbol_size && verbose_))) {
            Problem out = problem(ProblemKind::symbol_size_differs, Stage::relocation, member, reference);
            out.fatal = false;
            out.provider = space_.shown(provider);
            out.reason = text::copy_size(program_.path, name, world_.rules().machine.machine == elf::em_riscv);
            report_.lines.push_back(out.reason);
            report_.problems.push_back(std::move(out));
        }
        bool static_tls = reference.role == RelocationRole::tls_tpoff || reference.role == RelocationRole::tls_descriptor;
        if (static_tls && !match.member->facts->has_tls && provider.module->image() != nullptr) {
            if (world_.rules().machine.x86)
                crash(member, reference, "SIGFPE",
                      fmt::format("{} has no thread-local storage, and {} is bound to it as a thread-local symbol", space_.shown(provider),
                                  name));
            else
                give_up(member, "what a thread-local reference does when it is bound to a symbol that is not thread-local",
                        reference.record_offset);
            return;
        }
        if (symbol.type() == elf::stt_gnu_ifunc && symbol.defined() && &provider != member.object && !match.member->relocated) {
            Problem out = problem(ProblemKind::relocation_failed, Stage::relocation, member, reference);
            out.provider = space_.shown(provider);
            if (provider.program) {
                out.reason = text::ifunc_in_program(program_.path, name, member.object->name);
                report_.lines.push_back(out.reason);
                fail(std::move(out));
                return;
            }
            report_.lines.push_back(text::ifunc_relink(program_.path, member.object->name, provider.name, name));
            give_up(member, fmt::format("what the resolver of {} does before {} is relocated", name, space_.shown(provider)),
                    reference.record_offset);
        }
    }

    void unresolved(ScopeMember& member, const Reference& reference, const Match& match, bool certain) {
        Problem out = problem(match.assertion ? ProblemKind::loader_assertion : ProblemKind::symbol_missing,
                              match.assertion ? Stage::versions : Stage::symbols, member, reference);
        out.certain = certain;
        const FoundVersion* version = version_of(member, reference);
        std::vector<std::string>& lines = certain ? report_.lines : report_.lazy_lines;
        if (match.assertion) {
            out.provider = space_.shown(*match.member->object);
            auto line = glibc_assertion_lines(libc_.version).check_match;
            out.reason = text::assertion("dl-lookup.c", line.value_or(0), "check_match",
                                         "version->filename == NULL || ! _dl_name_match_p (version->filename, map)");
            if (line) lines.push_back(out.reason);
            else assume(fmt::format("the line number in the assertion glibc {} prints is not known", libc_.version.to_string()));
        } else if (match.member != nullptr) {
            out.kind = ProblemKind::relocation_failed;
            out.stage = Stage::relocation;
            out.provider = space_.shown(*match.member->object);
            out.reason = fmt::format("{}: {}: {}: error due to GNU_PROPERTY_1_NEEDED_INDIRECT_EXTERN_ACCESS", program_.path,
                                     reference.name.text, match.member->object->name);
            lines.push_back(out.reason);
        } else if (match.not_in_named_file) {
            out.provider = version->file;
            out.reason = text::versioned_symbol_missing(libc_.version, program_.path, space_.shown(*member.object), reference.name.text,
                                                        version->name, version->file);
            lines.push_back(out.reason);
        } else {
            if (version != nullptr && version->needed) {
                if (const GlibcObject* named = space_.find(version->file)) out.provider = space_.shown(*named);
            }
            out.reason = text::symbol_missing(program_.path, space_.shown(*member.object), reference.name.text,
                                              version == nullptr ? "" : version->name);
            lines.push_back(out.reason);
        }
        if (certain) fail(std::move(out));
        else report_.problems.push_back(std::move(out));
    }

    void report_lazy() {
        std::ranges::stable_sort(lazy_, [](const Lazy& a, const Lazy& b) { return a.member->object->index < b.member->object->index; });
        for (const Lazy& lazy : lazy_) unresolved(*lazy.member, *lazy.reference, lazy.match, false);
    }

    void fault(ScopeMember& member, const Reference& reference) {
        bool plt = reference.in_plt && is_lazy(member);
        switch (reference.kind) {
            case Reference::Kind::lookup: return;
            case Reference::Kind::not_lazy:
                if (!plt) return;
                [[fallthrough]];
            case Reference::Kind::bad_type: {
                Problem out = problem(ProblemKind::relocation_unsupported, Stage::relocation, member, reference);
                out.subject = elf::relocation_name(member.object->module->image()->header().machine, reference.type);
                out.reason = text::load_error(program_.path, member.object->name,
                                              text::bad_relocation(reference.type, plt, world_.rules().machine.wide), 0);
                report_.lines.push_back(out.reason);
                fail(std::move(out));
                return;
            }
            case Reference::Kind::not_relative: {
                Problem out = problem(ProblemKind::loader_assertion, Stage::relocation, member, reference);
                auto line = glibc_assertion_lines(libc_.version).rela_relative;
                bool known = line && world_.rules().machine.machine == elf::em_x86_64;
                out.reason = text::assertion("../sysdeps/x86_64/dl-machine.h", line.value_or(0), "elf_machine_rela_relative",
                                             "ELFW(R_TYPE) (reloc->r_info) == R_X86_64_RELATIVE");
                if (known) report_.lines.push_back(out.reason);
                else assume(fmt::format("the line number in the assertion glibc {} prints is not known", libc_.version.to_string()));
                fail(std::move(out));
                return;
            }
            case Reference::Kind::read_only_place:
                crash(member, reference, "SIGSEGV", "a relocation writes where no segment is writable");
                return;
            case Reference::Kind::unreadable:
                give_up(member, fmt::format("what a relocation of type {} does", reference.type), reference.record_offset);
                return;
        }
    }

    Problem problem(ProblemKind kind, Stage stage, const ScopeMember& member, const Reference& reference) {
        Problem out;
        out.kind = kind;
        out.stage = stage;
        out.object = space_.shown(*member.object);
        out.subject = reference.name.text;
        if (const FoundVersion* version = reference.version == 0 ? nullptr : version_of(member, reference)) out.version = version->name;
        const elf::SymbolTable& symbols = member.object->module->exports().symbols();
        if (!reference.name.text.empty()) {
            out.places.push_back({.file = out.object,
                                  .offset = symbols.record_offset(reference.symbol),
                                  .size = symbols.record_size(),
                                  .path = fmt::format("elf/dynsym[{}]", reference.symbol),
                                  .reading = std::string(reference.name.text)});
        }
        out.places.push_back({.file = out.object,
                              .offset = reference.record_offset,
                              .size = symbols.record_size(),
                              .path = "elf/relocation",
                              .reading = elf::relocation_name(member.object->module->image()->header().machine, reference.type)});
        return out;
    }

    void fail(Problem problem) {
        report_.failed = stopped_ = true;
        report_.problems.push_back(std::move(problem));
    }

    void crash(ScopeMember& member, const Reference& reference, std::string signal, std::string reason) {
        Problem out = problem(ProblemKind::crash, Stage::relocation, member, reference);
        out.reason = std::move(reason);
        report_.killed = true;
        report_.signal = std::move(signal);
        fail(std::move(out));
    }

    void give_up_if(std::optional<std::string_view> GlibcFacts::* damage) {
        for (ScopeMember& member : scope_) {
            if (stopped_ || member.object->is_loader || member.facts == nullptr || !(member.facts->*damage)) continue;
            give_up(member, std::string(*(member.facts->*damage)), member.object->dynamic()->file_offset, "elf/dynamic");
        }
    }

    void give_up(ScopeMember& member, std::string missing, std::uint64_t offset, std::string_view path = "elf/relocation") {
        Problem out;
        out.kind = ProblemKind::evidence_missing;
        out.stage = Stage::relocation;
        out.certain = false;
        out.object = space_.shown(*member.object);
        out.reason = std::move(missing);
        out.places.push_back({.file = out.object, .offset = offset, .size = 0, .path = std::string(path), .reading = out.reason});
        report_.unknown = stopped_ = true;
        report_.problems.push_back(std::move(out));
    }

    void assume(std::string what) {
        if (std::ranges::find(report_.assumptions, what) == report_.assumptions.end()) report_.assumptions.push_back(std::move(what));
    }

    void keep(const ScopeMember& member, const Reference& reference, const Match& match) {
        Binding binding;
        binding.symbol = reference.name.text;
        if (const FoundVersion* version = version_of(member, reference)) binding.version = version->name;
        binding.from = space_.shown(*member.object);
        if (match.member != nullptr) binding.to = space_.shown(*match.member->object);
        switch (reference.role) {
            case RelocationRole::copy: binding.kind = "copy"; break;
            case RelocationRole::jump_slot: binding.kind = "function"; break;
            case RelocationRole::tls_module:
            case RelocationRole::tls_offset:
            case RelocationRole::tls_tpoff:
            case RelocationRole::tls_descriptor: binding.kind = "tls"; break;
            default: binding.kind = match.member != nullptr && match.definition.symbol.type() == elf::stt_func ? "function" : "data"; break;
        }
        if (reference.weak && match.member == nullptr) binding.kind = "weak";
        report_.bindings.push_back(std::move(binding));
    }

    struct Lazy {
        ScopeMember* member;
        const Reference* reference;
        Match match;
    };

    GlibcWorld& world_;
    GlibcNamespace& space_;
    const Program& program_;
    const target::Libc& libc_;
    const Options& options_;
    const GlibcRules& rules_;
    std::vector<ScopeMember> scope_;
    std::vector<Lazy> lazy_;
    bool bind_now_ = false;
    bool verbose_ = false;
    bool any_described_ = false;
    bool stopped_ = false;
    BindingReport report_;
};

}  // namespace

BindingReport bind_symbols(GlibcWorld& world, GlibcNamespace& space, const Program& program, const target::Target& target,
                           const target::Libc& libc, const Options& options) {
    return Binder(world, space, program, target, libc, options).run();
}

}  // namespace abiscope::loader
