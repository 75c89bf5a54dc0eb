#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/subjects.h"
#include "inspect/go_facts.h"
#include "inspect/inspect.h"
#include "report/finding_text.h"
#include "report/go_view.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    std::vector<std::string> files, addresses;
    inspect::GoRequest request;
};

// What the file is, without anything that costs.
report::Json subject_json(const SourcePtr& source, const std::string& path) {
    finding::Sink unheard;
    inspect::Options light;
    light.symbols = light.instructions = false;
    auto card = inspect::inspect(source, light, unheard);
    report::Json json = card ? report::to_json(card->subject) : report::Json::object();
    json["path"] = path;
    return json;
}

void show_findings(const std::vector<finding::Finding>& findings, const SourcePtr& source, Output& output) {
    for (const finding::Finding& finding : findings) output.text(report::finding_text(finding, output.style(), true, source->view()));
}

Exit show_program(const Options& options, const SourcePtr& source, const inspect::GoSubject& program, Output& output) {
    finding::Sink sink;
    std::string path = source->name() + (program.slice.empty() ? "" : " (" + program.slice + ")");
    auto facts = inspect::go_facts(program, options.request, sink);
    std::vector<finding::Finding> findings = sink.take();
    if (!facts) {
        // What has build information, or a table, may be one all the same.
        bool maybe = program.build.has_value() || !findings.empty();
        output.text(maybe ? fmt::format("{}: looks like a Go program{}, but its tables cannot be read\n", text::printable(path),
                                        program.build ? " made by " + text::printable(program.build->version) : std::string())
                          : fmt::format("{}: {}\n", text::printable(path), facts.error().what));
        show_findings(findings, source, output);
        output.result({{"subject", subject_json(source, path)}, {"findings", report::to_json(findings)}, {"go", nullptr}});
        return maybe ? Exit::cannot_tell : Exit::no;
    }
    report::GoView view{.path = path, .build = &program.build, .facts = &*facts, .request = &options.request};
    if (output.form() == Form::text) {
        output.text(report::go_text(view, output.style()));
        // Beside a list only what may make it wrong.
        if (!report::is_card(options.request))
            std::erase_if(findings, [](const finding::Finding& one) { return one.severity() == finding::Severity::info; });
        show_findings(findings, source, output);
    } else {
        report::Json json{{"subject", subject_json(source, path)}};
        json["findings"] = report::to_json(findings);
        json.update(report::go_json(view));
        output.result(std::move(json));
    }
    bool nothing = (!options.request.function_names.empty() && facts->functions.empty()) ||
        (!options.request.type_names.empty() && facts->types.empty());
    for (const inspect::GoPlace& place : facts->places) nothing = nothing || !place.function;
    return nothing ? Exit::no : Exit::yes;
}

Exit show(const Options& options, const std::string& file, Output& output) {
    auto source = open_subject(file);
    if (!source) {
        output.error(source.error());
        return Exit::failed;
    }
    finding::Sink of_container;   // inspect shows them
    auto programs = inspect::go_subjects(*source, of_container);
    if (!programs && programs.error().code == ErrorCode::unsupported) {
        output.text(fmt::format("{}: {}\n", text::printable(file), programs.error().what));
        output.result({{"subject", subject_json(*source, file)}, {"go", nullptr}});
        return Exit::no;
    }
    if (!programs) {
        Error error = programs.error();
        if (error.file.empty()) error.file = file;
        output.error(error);
        return Exit::failed;
    }
    Exit exit = Exit::yes;
    for (const inspect::GoSubject& program : *programs) exit = worse(exit, show_program(options, *source, program, output));
    return exit;
}

Exit run(Options& options) {
    Output output("go", options.common);
    for (const std::string& address : options.addresses) {
        auto value = text::parse_unsigned(address);
        if (!value) {
            output.error(Error{.code = ErrorCode::bad_usage, .what = fmt::format("--at: `{}` is not an address", address)});
            return output.finish() ? Exit::usage : Exit::failed;
        }
        options.request.addresses.push_back(*value);
    }
    std::vector<std::string> files = expand(options.files, output);
    Exit exit = output.had_errors() ? Exit::failed : Exit::yes;
    for (const std::string& file : files) {
        if (&file != &files.front() && output.form() == Form::text) output.text("\n");
        exit = worse(exit, show(options, file, output));
    }
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_go(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.arguments(options->files, "Go programs: ELF, PE or Mach-O, stripped or not", {.type = "FILE", .required = true});
    table.flag("--functions", options->request.functions, "Every function: address, bytes, file and lines");
    table.flag("--types", options->request.types, "Every type: fields with offsets and tags, methods");
    table.flag("--packages", options->request.packages, "Every package, with its functions and bytes of code");
    table.flag("--strings", options->request.strings, "Strings that the data points at: header, address, length, text");
    table.option("--function", options->request.function_names, "Functions whose name matches (main.*), with the calls inlined into them",
                 {.type = "PATTERN"});
    table.option("--type", options->request.type_names, "Types whose name matches (main.*)", {.type = "PATTERN"});
    table.option("--at", options->addresses, "The function, file, line and inlined calls of an address", {.type = "ADDRESS"});
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
