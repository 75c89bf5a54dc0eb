#include "clang_module/record_texts.h"

#include <utility>
#include <vector>

#include <clang/AST/Decl.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>

#include "clang_module/order_reliance.h"
#include "clang_module/positional_initializers.h"
#include "clang_module/syntax_visitor.h"

namespace abiscope::clang_reader {

namespace {

// The structs of the text that can be asked for by name.
class Finder : public SyntaxVisitor {
public:
    explicit Finder(const clang::ASTContext& context) : sources_(context.getSourceManager()) {}

    void record(clang::RecordDecl& record) override {
        bool has_name = !record.getDeclName().isEmpty() || record.getTypedefNameForAnonDecl() != nullptr;
        if (record.isThisDeclarationADefinition() && !record.isInvalidDecl() && has_name &&
            sources_.isInMainFile(sources_.getExpansionLoc(record.getLocation())))
            records.push_back(&record);
    }

    std::vector<const clang::RecordDecl*> records;

private:
    const clang::SourceManager& sources_;
};

class Texts {
public:
    explicit Texts(const clang::ASTContext& context) : sources_(context.getSourceManager()), options_(context.getLangOpts()) {}

    [[nodiscard]] source::RecordText of(const clang::RecordDecl& record) const {
        source::RecordText out;
        clang::SourceRange braces = record.getBraceRange();
        if (braces.isInvalid() || braces.getBegin().isMacroID() || braces.getEnd().isMacroID()) {
            out.fixed_because = "a macro makes it";
            return out;
        }
        out.body_begin = behind(braces.getBegin());
        out.body_end = offset(braces.getEnd());
        for (const clang::FieldDecl* field : record.fields()) {
            if (field->getLocation().isMacroID() && out.fixed_because.empty()) {
                out.fixed_because = "the macro " + clang::Lexer::getImmediateMacroName(field->getLocation(), sources_, options_).str() +
                    " makes members of it";
            }
            clang::SourceRange range = range_of(*field);
            out.members.push_back(
                {offset(sources_.getExpansionLoc(range.getBegin())), behind(sources_.getExpansionRange(range.getEnd()).getEnd())});
        }
        return out;
    }

private:
    // A member without a name stands where its struct or union is defined.
    static clang::SourceRange range_of(const clang::FieldDecl& field) {
        clang::SourceRange range(field.getOuterLocStart(), field.getEndLoc());
        if (!field.isAnonymousStructOrUnion()) return range;
        const auto* type = field.getType()->getAs<clang::RecordType>();
        return type == nullptr ? range : type->getDecl()->getSourceRange();
    }
    [[nodiscard]] std::size_t offset(clang::SourceLocation location) const { return sources_.getFileOffset(location); }
    [[nodiscard]] std::size_t behind(clang::SourceLocation token) const {
        return offset(clang::Lexer::getLocForEndOfToken(sources_.getExpansionLoc(token), 0, sources_, options_));
    }

    const clang::SourceManager& sources_;
    const clang::LangOptions& options_;
};

}  // namespace

void read_record_texts(clang::ASTContext& context, const Translator& translator, source::Declarations& out) {
    Finder finder(context);
    finder.visit(context, false);
    PositionalInitializers positional(context);
    positional.visit(context, false);
    OrderReliance reliance(context);
    reliance.visit(context, false);
    Texts texts(context);
    for (const clang::RecordDecl* record : finder.records) {
        abi::TypeId id = translator.id_of(*record);
        if (!out.types.contains(id)) continue;
        source::RecordText text = texts.of(*record);
        text.type = id;
        if (auto at = reliance.reasons.find(record->getCanonicalDecl()); at != reliance.reasons.end()) text.fixed_because = at->second;
        if (auto at = positional.places.find(record->getCanonicalDecl()); at != positional.places.end())
            text.fixed_because = at->second + " gives its members by position";
        out.texts.push_back(std::move(text));
    }
}

}  // namespace abiscope::clang_reader
