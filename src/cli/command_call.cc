#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "abi/call.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/declared_options.h"
#include "cli/subjects.h"
#include "report/call_view.h"
#include "source/program_switches.h"
#include "source/rust_calls.h"
#include "source/varargs.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    DeclaredOptions declared;
    std::string signature;
    std::string from;
    std::string function;
    std::string varargs;
    report::CallOptions view;
};

std::vector<std::string> usual_abis(abi::Language language) {
    if (language == abi::Language::go) return {"go-amd64", "go0-amd64", "go-arm64", "go-386"};
    return {"sysv-amd64", "win64-msvc", "aapcs64", "apple-arm64"};
}

// What is compiled: the types, the signature, and behind it a function whose parameters are what stands for `...`.
Result<NamedSource> open_source(const Options& options) {
    if (options.signature.empty() && options.varargs.empty() && options.declared.texts.empty())
        return open_types(options.declared, options.from, {.functions = {options.function.empty() ? "*" : options.function}});
    if (!options.from.empty()) {
        auto bytes = open_subject(options.from);
        if (bytes && is_program((*bytes)->view())) {
            return fail(Error{.code = ErrorCode::bad_usage,
                              .what =
                                  "call: a signature, -e and --varargs go with declarations, not with a program; name one of its functions "
                                  "with --function"});
        }
    }
    DeclaredOptions declared = options.declared;
    bool go = declared.language == "go" || options.from.ends_with(".go");
    if (go) declared.language = "go";
    std::string text = text::join(declared.texts, "\n");
    if (!options.from.empty()) {
        if (go)
            return fail(Error{.code = ErrorCode::bad_usage,
                              .what = "call: a signature in Go and --from cannot be combined; name one of its functions with --function"});
        if (options.from.find_first_of("\"\\\n") != std::string::npos)
            return fail(Error{.code = ErrorCode::bad_usage,
                              .what = "call: the name of a file to take types from cannot hold quotes, backslashes or line ends"});
        text = fmt::format("#include \"{}\"\n{}", options.from, text);
    }
    text += "\n" + options.signature;
    if (!go && !options.signature.empty() && text.find_last_not_of(" \t\n") != std::string::npos) {
        char last = text[text.find_last_not_of(" \t\n")];
        if (last != ';' && last != '}') text += ";";
    }
    if (!options.varargs.empty()) text += fmt::format("\nvoid {}({});", source::varargs_function, options.varargs);
    return read_text(declared, std::move(text), go ? std::string() : options.from);
}

// The signature of the command line: it stands last, only the parameters for `...` behind it.
const abi::Signature* last_of(const source::Declarations& declared) {
    auto at = std::find_if(declared.functions.rbegin(), declared.functions.rend(),
                           [](const abi::Signature& one) { return one.name != source::varargs_function; });
    return at == declared.functions.rend() ? nullptr : &*at;
}

bool asks_for_signature(const Options& options) { return options.function.empty() && !options.signature.empty(); }

// Names of the functions to show, in the order of the source. A program's were chosen when they were read.
std::vector<std::string> names_of(const Options& options, const source::Declarations& declared, bool program) {
    std::vector<std::string> names;
    if (asks_for_signature(options)) {
        if (const abi::Signature* asked = last_of(declared)) names.push_back(asked->name);
        return names;
    }
    for (const abi::Signature& signature : declared.functions) {
        if (signature.name == source::varargs_function || std::ranges::find(names, signature.name) != names.end()) continue;
        if (!program && !options.function.empty() && !text::glob_match(options.function, signature.name)) continue;
        names.push_back(signature.name);
    }
    return names;
}

report::ProfileCall call_of(const abi::Profile& profile, const Result<std::shared_ptr<const source::Declarations>>& declared,
                            const std::string& name, bool last) {
    report::ProfileCall out{.profile = &profile};
    if (!declared) {
        out.error = declared.error();
        return out;
    }
    out.declared = *declared;
    // Of several of one name, the first; of the command line's, the one that is there.
    auto first = std::ranges::find(out.declared->functions, name, &abi::Signature::name);
    const abi::Signature* at = first == out.declared->functions.end() ? nullptr : &*first;
    if (const abi::Signature* asked = last ? last_of(*out.declared) : nullptr; asked != nullptr && asked->name == name) at = asked;
    if (at == nullptr) {
        auto refused = std::ranges::find(out.declared->refused, name, &std::pair<std::string, std::string>::first);
        out.error = refused == out.declared->refused.end()
            ? Error{.code = ErrorCode::not_found, .what = "the source does not declare it there"}
            : Error{.code = ErrorCode::unsupported, .what = refused->second};
        return out;
    }
    out.signature = *at;
    auto call = abi::place_call(out.declared->types, out.signature, profile);
    if (!call) {
        out.error = call.error();
        return out;
    }
    if (auto condition = out.declared->conditions.find(name); condition != out.declared->conditions.end()) {
        std::string why = source::left_open(out.declared->types, out.signature, condition->second, *call, profile);
        if (!why.empty()) {
            out.error = Error{.code = ErrorCode::unsupported, .what = std::move(why)};
            return out;
        }
        out.condition = condition->second;
    }
    out.call = *std::move(call);
    return out;
}

Exit exit_for(const Error& error) { return error.code == ErrorCode::bad_usage ? Exit::usage : Exit::failed; }

Exit show(const Options& options, Output& output) {
    auto refuse = [&](const Error& error) {
        output.error(error);
        return exit_for(error);
    };
    auto from = open_source(options);
    if (!from) {
        bool no_types = from.error().code == ErrorCode::not_found || from.error().code == ErrorCode::unsupported;
        Exit exit = refuse(from.error());
        return no_types ? Exit::cannot_tell : exit;
    }
    if (from->program != nullptr && from->program->own().profile.empty() && options.declared.abis.empty()) {
        refuse(Error{.code = ErrorCode::unsupported,
                     .what = fmt::format("there is no ABI profile of its machine ({}); --abi places its calls for another",
                                         from->program->own().machine),
                     .file = from->name});
        return Exit::cannot_tell;
    }
    auto profiles = profiles_for(options.declared, *from, usual_abis(from->language), false);
    if (!profiles) return refuse(profiles.error());
    std::vector<Result<std::shared_ptr<const source::Declarations>>> all;
    std::vector<std::string> names;
    for (abi::Profile& profile : *profiles) {
        auto declared = from->types->declarations(profile);
        if (declared && !options.varargs.empty()) declared = source::with_varargs(**declared);
        // The registers of -mavx are with the declarations, as clang understood the flags.
        for (std::string& flag : source::call_switches(text::join(options.declared.flags, " "))) {
            if (flag == "-mno-red-zone") profile.flags.push_back(std::move(flag));
        }
        if (declared) {
            for (std::string& name : names_of(options, **declared, from->program != nullptr)) {
                if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
            }
            for (const auto& [name, why] : (*declared)->refused) {
                bool wanted = from->program != nullptr || options.function.empty() || text::glob_match(options.function, name);
                if (wanted && std::ranges::find(names, name) == names.end()) names.push_back(name);
            }
        }
        all.push_back(std::move(declared));
    }
    if (std::ranges::none_of(all, [](const auto& declared) { return declared.has_value(); })) return refuse(all.front().error());
    if (names.empty()) {
        return refuse(Error{.code = ErrorCode::not_found,
                            .what = options.function.empty()
                                ? "no function is declared here"
                                : fmt::format("no function is named like {}", text::printable(options.function)),
                            .file = from->name});
    }
    Exit exit = Exit::yes;
    for (const std::string& name : names) {
        report::FunctionCalls function{.name = name, .profiles = {}};
        for (std::size_t i = 0; i < all.size(); ++i)
            function.profiles.push_back(call_of((*profiles)[i], all[i], name, asks_for_signature(options)));
        auto open = [](const report::ProfileCall& one) { return one.error.has_value() || one.condition.has_value(); };
        if (std::ranges::any_of(function.profiles, open)) exit = worse(exit, Exit::cannot_tell);
        output.text(report::call_text(function, options.view, output.style()) + (names.size() > 1 ? "\n" : ""));
        if (output.form() != Form::text) output.result(report::call_json(function));
    }
    return exit;
}

Exit run(const Options& options) {
    Output output("call", options.common);
    Exit exit = Exit::usage;
    if (options.signature.empty() && options.from.empty() && options.declared.texts.empty()) {
        output.error(Error{.code = ErrorCode::bad_usage,
                           .what = "call: give a SIGNATURE, or the file that declares functions with --from; see `abiscope call --help`"});
    } else {
        exit = show(options, output);
    }
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_call(OptionTable& table, const std::vector<std::string>& flags) {
    auto options = std::make_shared<Options>();
    table.argument(options->signature,
                   "A function as it is declared: 'struct P f(int a, double b, ...)'; flags for the compiler stand behind `--`",
                   {.type = "SIGNATURE"});
    add_declared_options(table, options->declared);
    table.option("--from", options->from,
                 "Take types, or functions too where there is no SIGNATURE, from a file in C, C++ or Go; functions from a program",
                 {.type = "FILE"});
    table.option("--function", options->function, "Only functions whose name matches (S::*), those of headers too", {.type = "PATTERN"});
    table.option("--varargs", options->varargs, "What is passed for `...`: 'int, double, struct S'", {.type = "TYPES"});
    table.flag("--explain", options->view.explain, "The classification step by step, with the document behind each step");
    table.flag("--frame", options->view.frame, "Draw the stack, at the call and at the callee's entry");
    add_common_options(table, options->common);
    return [options, &flags] {
        options->declared.flags = flags;
        // call --function NAME FILE: what has no parentheses is no signature.
        bool file = !options->function.empty() && options->from.empty() && options->signature.find('(') == std::string::npos;
        if (file) options->from = std::exchange(options->signature, {});
        if (!options->function.empty()) options->declared.functions = {options->function};
        return run(*options);
    };
}

}  // namespace abiscope::cli
