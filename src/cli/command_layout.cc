#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/declared_options.h"
#include "cli/layout_answer.h"
#include "cli/layout_fix.h"
#include "cli/layout_stream.h"
#include "cli/subjects.h"
#include "report/finding_text.h"
#include "report/layout_view.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    DeclaredOptions declared;
    std::vector<std::string> files;
    LayoutRequest request;
    bool no_rules = false;
    bool fix = false;
    bool boundary = false;
    bool summary = false;
    report::LayoutOptions view;
};

// `struct S` is S to whoever looks for it.
std::string without_tag(const std::string& type) {
    for (std::string_view tag : {"struct ", "class ", "union "}) {
        if (type.starts_with(tag)) return type.substr(std::min(type.size(), type.find_first_not_of(' ', tag.size())));
    }
    return type;
}

std::vector<std::string> usual_abis(abi::Language language) {
    if (language == abi::Language::go) return {"go-amd64", "go-arm64", "go-386"};
    if (language == abi::Language::rust) return {};
    return {"sysv-amd64", "win64-msvc", "aapcs64", "apple-arm64"};
}

// The patch on standard output, what it leaves out on standard error.
Exit show_fix(const LayoutAnswer& answer, const NamedSource& from, const std::string& file, Output& output) {
    auto fix = fix_layouts(answer, from, file);
    if (!fix) {
        output.error(fix.error());
        return fix.error().code == ErrorCode::bad_usage ? Exit::usage : Exit::failed;
    }
    std::string text;
    for (const LayoutFix::Changed& one : fix->changed)
        text += fmt::format("{}: {} bytes, {} with this order of members ({})\n", text::printable(one.title), one.before, one.after,
                            one.profile);
    output.text(text + fix->patch);
    for (const LayoutFix::Kept& one : fix->kept) {
        output.error(Error{.code = ErrorCode::unsupported,
                           .what = fmt::format("line {}: {} stays as it is: {}", one.line, one.title, one.because),
                           .file = from.name});
    }
    if (output.form() != Form::text) {
        report::Json json{{"subject", {{"path", from.name}, {"format", from.language == abi::Language::go ? "Go" : "C"}}}};
        json["patch"] = fix->patch;
        json["changed"] = json["kept"] = report::Json::array();
        for (const LayoutFix::Changed& one : fix->changed)
            json["changed"].push_back({{"type", one.title}, {"profile", one.profile}, {"size", one.before}, {"new_size", one.after}});
        for (const LayoutFix::Kept& one : fix->kept)
            json["kept"].push_back({{"type", one.title}, {"line", one.line}, {"because", one.because}});
        output.result(std::move(json));
    }
    return fix->kept.empty() ? Exit::yes : Exit::no;
}

Result<Boundary> boundary_of(const NamedSource& from) {
    if (from.program == nullptr)
        return fail(Error{.code = ErrorCode::bad_usage,
                          .what = "--boundary asks what a program shows to others, and this is source text",
                          .file = from.name});
    return read_boundary(*from.program);
}

// What was printed of one source, and what is still to be said of it.
struct Shown {
    report::LayoutSums sums;
    bool cannot_tell = false;
    std::vector<std::string> not_found;
    report::Json types = report::Json::array();   // for a document
};

Result<Shown> show_at_once(const Options& options, const LayoutRequest& request, const NamedSource& from,
                           const std::vector<abi::Profile>& profiles, Output& output) {
    ABISCOPE_TRY(LayoutAnswer answer, lay_out_all(request, from, profiles));
    Shown shown{.sums = {}, .cannot_tell = answer.cannot_tell, .not_found = std::move(answer.not_found)};
    for (const report::TypeLayouts& type : answer.types) {
        shown.sums.add(type);
        if (output.form() != Form::text) shown.types.push_back(report::layout_json(type));
        else if (!options.summary) output.text(report::layout_text(type, options.view, output.style()) + "\n");
    }
    return shown;
}

Result<Shown> show_in_parts(const Options& options, const LayoutRequest& request, const NamedSource& from,
                            const std::vector<abi::Profile>& profiles, Output& output) {
    StreamedLayouts streamed = stream_layouts(request, *from.program, profiles, {.view = options.view, .summary = options.summary}, output);
    return Shown{.sums = streamed.sums, .cannot_tell = streamed.cannot_tell};
}

report::Json document_of(const NamedSource& from, const std::optional<Boundary>& boundary, Shown shown) {
    constexpr const char* languages[] = {"C", "C++", "Rust", "Go"};
    const char* language = languages[static_cast<std::size_t>(from.language)];
    report::Json json{{"subject", {{"path", from.name}, {"format", from.program == nullptr ? language : from.program->own().format}}}};
    if (from.program != nullptr) {
        json["subject"]["language"] = language;
        json["findings"] = report::to_json(from.program->findings());
        if (boundary) json["boundary"] = boundary_json(*boundary, shown.not_found);
    }
    json["types"] = std::move(shown.types);
    return json;
}

Exit show(const Options& options, const std::string& file, Output& output) {
    auto exit_for = [](const Error& error) { return error.code == ErrorCode::bad_usage ? Exit::usage : Exit::failed; };
    auto from = open_types(options.declared, file,
                           {.types = options.request.types.empty() ? std::vector<std::string>{"*"} : options.request.types});
    if (!from) {
        output.error(from.error());
        bool no_types = from.error().code == ErrorCode::not_found || from.error().code == ErrorCode::unsupported;
        return no_types ? Exit::cannot_tell : exit_for(from.error());
    }
    bool known_machine = from->program == nullptr || !from->program->own().profile.empty();
    auto profiles = profiles_for(options.declared, *from, known_machine ? usual_abis(from->language) : std::vector<std::string>{}, true);
    if (!profiles) {
        output.error(profiles.error());
        return exit_for(profiles.error());
    }
    if (!known_machine) profiles->insert(profiles->begin(), machine_profile(from->program->own()));
    LayoutRequest request = options.request;
    std::optional<Boundary> boundary;
    if (options.boundary) {
        auto read = boundary_of(*from);
        if (!read) {
            output.error(read.error());
            return exit_for(read.error());
        }
        request.boundary = &boundary.emplace(*std::move(read));
    }
    if (options.fix) {
        auto answer = lay_out_all(request, *from, *profiles);
        if (answer) return show_fix(*answer, *from, file, output);
        output.error(answer.error());
        return exit_for(answer.error());
    }
    bool in_parts = from->program != nullptr && options.request.types.empty() && !boundary && output.form() == Form::text;
    auto shown =
        in_parts ? show_in_parts(options, request, *from, *profiles, output) : show_at_once(options, request, *from, *profiles, output);
    if (!shown) {
        output.error(shown.error());
        return exit_for(shown.error());
    }
    if (shown->sums.types == 0 && !options.request.differs_only && options.request.min_waste == 0 && !boundary) {
        output.error(Error{.code = ErrorCode::not_found,
                           .what = options.request.types.empty()
                               ? "no struct, class or union is defined here"
                               : fmt::format("no type is named like {}", text::printable(text::join(options.request.types, ", "))),
                           .file = from->name});
        return Exit::failed;
    }
    if (!known_machine) {
        output.text(fmt::format("there is no ABI profile of {}: {}\n", from->program->own().machine,
                                options.declared.abis.empty() ? "what the file records is shown alone; --abi lays the types out for others"
                                                              : "its layouts are those the file records"));
    }
    if (from->program != nullptr) {
        for (const finding::Finding& finding : from->program->findings()) output.text(report::finding_text(finding, output.style(), false));
        shown->cannot_tell = shown->cannot_tell || !from->program->findings().empty();
    }
    if (boundary) {
        output.text(rest_text(*boundary, shown->not_found));
        shown->cannot_tell = shown->cannot_tell || !boundary->undescribed.empty() || !shown->not_found.empty();
        if (shown->sums.types == 0)
            output.text(fmt::format("none of the types behind {} {}{}\n", boundary->surface.symbols.size(), boundary->surface.compared,
                                    options.request.differs_only ? " differs between the ABIs" : " is a struct, class or union"));
    }
    if (options.summary || shown->sums.types > 1) output.text(report::layout_summary(shown->sums, output.style()));
    Exit exit = options.request.differs_only && shown->sums.types != 0 ? Exit::no : shown->cannot_tell ? Exit::cannot_tell : Exit::yes;
    if (output.form() != Form::text) output.result(document_of(*from, boundary, *std::move(shown)));
    return exit;
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

Run add_layout(OptionTable& table, const std::vector<std::string>& flags) {
    auto options = std::make_shared<Options>();
    table.arguments(options->files,
                    "C, C++ or Go files, or programs with debug information; flags for the compiler (-I, -D, -std) stand behind `--`",
                    {.type = "FILE"});
    add_declared_options(table, options->declared);
    table.option("--type", options->request.types, "Only types whose name matches (ns::*), those of headers too", {.type = "PATTERN"});
    table.option("--sort", options->request.sort,
                 "Order: source, name, size, waste (bytes of padding) or saving (by another order of members)",
                 {.type = "ORDER", .choices = {"source", "name", "size", "waste", "saving"}});
    table.option("--min-waste", options->request.min_waste, "Only types with at least so many bytes of padding", {.type = "BYTES"});
    table.flag("--differs-only", options->request.differs_only, "Only types that differ between the ABIs; exit code 1 when there are any");
    table.flag("--boundary", options->boundary, "Only types of a program that its exported symbols lead to, and which symbols those are");
    table.option("--cache-line", options->view.cache_line, "Bytes of a cache line; 0 leaves them out", {.type = "BYTES"});
    table.flag("--no-rules", options->no_rules, "Do not name the documents behind the padding");
    table.flag("--summary", options->summary, "Only the sums of all types");
    table.flag("--fix", options->fix, "Print a patch that gives structs of C and Go the better order of their members");
    add_common_options(table, options->common);
    return [options, &flags] {
        options->declared.flags = flags;
        options->declared.member_texts = options->fix;
        for (std::string& type : options->request.types) type = without_tag(type);
        options->declared.types = options->request.types;
        options->view.why = !options->no_rules;
        return run(*options);
    };
}

}  // namespace abiscope::cli
