#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "abi/better_order.h"
#include "abi/layout.h"
#include "abi/recorded.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/declared_options.h"
#include "cli/subjects.h"
#include "report/finding_text.h"
#include "report/layout_view.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    DeclaredOptions declared;
    std::vector<std::string> files;
    std::vector<std::string> types;
    std::string sort = "source";
    std::uint64_t min_waste = 0;
    bool differs_only = false;
    bool no_rules = false;
    bool summary = false;
    report::LayoutOptions view;
};

std::vector<std::string> usual_abis(abi::Language language) {
    if (language == abi::Language::go) return {"go-amd64", "go-arm64", "go-386"};
    if (language == abi::Language::rust) return {};
    return {"sysv-amd64", "win64-msvc", "aapcs64", "apple-arm64"};
}

// What one profile's compiler sees; or why it sees nothing.
struct Seen {
    const abi::Profile* profile = nullptr;
    Result<std::shared_ptr<const source::Declarations>> declared;
    std::map<std::string, std::vector<abi::TypeId>, std::less<>> by_name;
};

// A type among those of its name: the units of a program may disagree.
struct Which {
    std::string name;
    std::size_t number = 0;
};

bool wanted(const Options& options, const std::string& name) {
    if (options.types.empty()) return true;
    return std::ranges::any_of(options.types, [&](const std::string& pattern) { return text::glob_match(pattern, name); });
}

// The types to show, in the order of the source. A type of a header is shown when it is asked for by name. A program's were chosen when
// they were read.
std::vector<Which> types_of(const Options& options, const NamedSource& from, std::vector<Seen>& all) {
    std::vector<Which> types;
    std::map<std::string, std::size_t, std::less<>> known;
    for (Seen& seen : all) {
        if (!seen.declared) continue;
        const source::Declarations& declared = **seen.declared;
        auto add = [&](abi::TypeId id) {
            const std::string& name = declared.types.at(id).name;
            if (name.empty() || (from.program == nullptr && !wanted(options, name))) return;
            std::vector<abi::TypeId>& same = seen.by_name[name];
            if (from.program == nullptr && !same.empty()) return;
            same.push_back(id);
            std::size_t& shown = known[name];
            if (shown < same.size()) types.push_back({name, shown++});
        };
        for (abi::TypeId id : declared.roots) add(id);
        if (options.types.empty()) continue;
        for (abi::TypeId id : declared.others) add(id);
    }
    return types;
}

report::ProfileLayout layout_of(const Seen& seen, const Which& which) {
    report::ProfileLayout out{.profile = seen.profile};
    if (!seen.declared) {
        out.error = seen.declared.error();
        return out;
    }
    out.declared = *seen.declared;
    auto at = seen.by_name.find(which.name);
    if (at == seen.by_name.end() || which.number >= at->second.size()) {
        out.error = Error{.code = ErrorCode::not_found, .what = "the source does not declare it there"};
        return out;
    }
    out.type = at->second[which.number];
    if (out.declared->types.at(out.type).language == abi::Language::rust) {
        out.error = Error{.code = ErrorCode::unsupported,
                          .what = "Rust orders the members as it likes, for every target anew: only what a file records is known"};
        return out;
    }
    auto layout = abi::lay_out(out.declared->types, out.type, *seen.profile);
    if (!layout) {
        out.error = layout.error();
        return out;
    }
    out.layout = *std::move(layout);
    report::fill_items(out);
    if (seen.profile->compiler == abi::Compiler::go) {
        if (auto pointers = abi::go_pointers(out.declared->types, out.type, *seen.profile)) out.pointers = *std::move(pointers);
    }
    out.better = abi::better_order(out.declared->types, out.type, *out.layout);
    return out;
}

// What the program's debug information says, under its own ABI; and what that ABI comes to, where that is not the same.
std::vector<report::ProfileLayout> recorded_of(const Seen& seen, const Which& which) {
    std::vector<report::ProfileLayout> out;
    report::ProfileLayout recorded{.profile = seen.profile};
    recorded.declared = *seen.declared;
    recorded.type = seen.by_name.find(which.name)->second[which.number];
    auto read = abi::recorded_layout(recorded.declared->types, recorded.type, *seen.profile);
    if (read && read->computed) {
        out.push_back(layout_of(seen, which));
        out.back().recorded = true;
        return out;
    }
    recorded.recorded = true;
    recorded.computed = false;
    if (read) {
        recorded.layout = std::move(read->layout);
        recorded.differs = std::move(read->differs);
        report::fill_items(recorded);
    } else {
        recorded.error = read.error();
    }
    bool rust = recorded.declared->types.at(recorded.type).language == abi::Language::rust;
    out.push_back(std::move(recorded));
    if (!rust) out.push_back(layout_of(seen, which));
    return out;
}

void sort_types(std::vector<report::TypeLayouts>& types, const std::string& how) {
    auto size = [](const report::TypeLayouts& type) { return type.first() == nullptr ? 0 : type.first()->layout->size; };
    if (how == "waste") std::ranges::stable_sort(types, std::greater(), &report::TypeLayouts::waste);
    if (how == "saving") std::ranges::stable_sort(types, std::greater(), &report::TypeLayouts::saved);
    if (how == "size") std::ranges::stable_sort(types, std::greater(), size);
    if (how == "name") std::ranges::stable_sort(types, {}, &report::TypeLayouts::name);
}

struct Answer {
    std::vector<report::TypeLayouts> types;
    bool cannot_tell = false;
};

Result<Answer> lay_out_all(const Options& options, const NamedSource& from, const std::vector<abi::Profile>& profiles) {
    std::vector<Seen> all;
    for (const abi::Profile& profile : profiles)
        all.push_back({.profile = &profile, .declared = from.types->declarations(profile), .by_name = {}});
    // What no compiler accepts is an error of the source, not an answer about one ABI.
    if (std::ranges::none_of(all, [](const Seen& seen) { return seen.declared.has_value(); })) {
        Error error = all.front().declared.error();
        return fail(std::move(error));
    }
    Answer answer;
    for (const Which& which : types_of(options, from, all)) {
        report::TypeLayouts type{.name = which.name, .profiles = {}};
        for (const Seen& seen : all) {
            if (from.program == nullptr || &seen != &all.front()) type.profiles.push_back(layout_of(seen, which));
            else type.profiles = recorded_of(seen, which);
        }
        answer.cannot_tell = answer.cannot_tell ||
            std::ranges::any_of(type.profiles, [](const auto& one) { return one.error.has_value() || !one.differs.empty(); });
        if (options.differs_only && !type.differs()) continue;
        if (type.waste() < options.min_waste) continue;
        answer.types.push_back(std::move(type));
    }
    sort_types(answer.types, options.sort);
    return answer;
}

Exit show(const Options& options, const std::string& file, Output& output) {
    auto exit_for = [](const Error& error) { return error.code == ErrorCode::bad_usage ? Exit::usage : Exit::failed; };
    auto from = open_types(options.declared, file, {.types = options.types.empty() ? std::vector<std::string>{"*"} : options.types});
    if (!from) {
        output.error(from.error());
        bool no_types = from.error().code == ErrorCode::not_found || from.error().code == ErrorCode::unsupported;
        return no_types ? Exit::cannot_tell : exit_for(from.error());
    }
    auto profiles = profiles_for(options.declared, *from, usual_abis(from->language), true);
    if (!profiles) {
        output.error(profiles.error());
        return exit_for(profiles.error());
    }
    auto answer = lay_out_all(options, *from, *profiles);
    if (!answer) {
        output.error(answer.error());
        return exit_for(answer.error());
    }
    if (answer->types.empty() && !options.differs_only && options.min_waste == 0) {
        output.error(Error{.code = ErrorCode::not_found,
                           .what = options.types.empty()
                               ? "no struct, class or union is defined here"
                               : fmt::format("no type is named like {}", text::printable(text::join(options.types, ", "))),
                           .file = from->name});
        return Exit::failed;
    }
    for (const report::TypeLayouts& type : answer->types) {
        if (!options.summary && output.form() == Form::text) output.text(report::layout_text(type, options.view, output.style()) + "\n");
    }
    if (from->program != nullptr) {
        for (const finding::Finding& finding : from->program->findings()) output.text(report::finding_text(finding, output.style(), false));
        answer->cannot_tell = answer->cannot_tell || !from->program->findings().empty();
    }
    if (options.summary || answer->types.size() > 1) output.text(report::layout_summary(answer->types, output.style()));
    if (output.form() != Form::text) {
        constexpr const char* languages[] = {"C", "C++", "Rust", "Go"};
        const char* language = languages[static_cast<std::size_t>(from->language)];
        report::Json json{
            {"subject", {{"path", from->name}, {"format", from->program == nullptr ? language : from->program->own().format}}}};
        if (from->program != nullptr) {
            json["subject"]["language"] = language;
            json["findings"] = report::to_json(from->program->findings());
        }
        json["types"] = report::Json::array();
        for (const report::TypeLayouts& type : answer->types) json["types"].push_back(report::layout_json(type));
        output.result(std::move(json));
    }
    if (options.differs_only && !answer->types.empty()) return Exit::no;
    return answer->cannot_tell ? Exit::cannot_tell : Exit::yes;
}

Exit run(const Options& options) {
    Output output("layout", options.common);
    if (options.files.empty() == options.declared.texts.empty()) {
        output.error(Error{.code = ErrorCode::bad_usage,
                           .what = options.files.empty() ? "layout: name a FILE, or give types with -e; see `abiscope layout --help`"
                                                         : "layout: FILE and -e cannot be combined; see `abiscope layout --help`"});
        return output.finish() ? Exit::usage : Exit::failed;
    }
    Exit exit = Exit::yes;
    std::vector<std::string> files = expand(options.files, output);
    if (output.had_errors()) exit = Exit::failed;
    if (options.files.empty()) exit = show(options, {}, output);
    for (const std::string& file : files) exit = worse(exit, show(options, file, output));
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_layout(CLI::App& app, const std::vector<std::string>& flags) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->files,
                   "C, C++ or Go files, or programs with debug information; flags for the compiler (-I, -D, -std) stand behind `--`")
        ->type_name("FILE");
    add_declared_options(app, options->declared);
    app.add_option("--type", options->types, "Only types whose name matches (ns::*), those of headers too")->type_name("PATTERN");
    app.add_option("--sort", options->sort, "Order: source, name, size, waste (bytes of padding) or saving (by another order of members)")
        ->check(CLI::IsMember({"source", "name", "size", "waste", "saving"}))
        ->type_name("ORDER")
        ->default_str("source");
    app.add_option("--min-waste", options->min_waste, "Only types with at least so many bytes of padding")->type_name("BYTES");
    app.add_flag("--differs-only", options->differs_only, "Only types that differ between the ABIs; exit code 1 when there are any");
    app.add_option("--cache-line", options->view.cache_line, "Bytes of a cache line; 0 leaves them out")
        ->type_name("BYTES")
        ->default_str("64");
    app.add_flag("--no-rules", options->no_rules, "Do not name the documents behind the padding");
    app.add_flag("--summary", options->summary, "Only the sums of all types");
    add_common_options(app, options->common);
    return [options, &flags] {
        options->declared.flags = flags;
        options->view.why = !options->no_rules;
        return run(*options);
    };
}

}  // namespace abiscope::cli
