#include "clang_module/syntax_visitor.h"

#include <clang/AST/RecursiveASTVisitor.h>

namespace abiscope::clang_reader {

namespace {

class Walk : public clang::RecursiveASTVisitor<Walk> {
public:
    Walk(SyntaxVisitor& visitor, bool template_instantiations) : visitor_(visitor), template_instantiations_(template_instantiations) {}

    bool shouldVisitTemplateInstantiations() const { return template_instantiations_; }
    bool VisitRecordDecl(clang::RecordDecl* record) {
        visitor_.record(*record);
        return true;
    }
    bool VisitFunctionDecl(clang::FunctionDecl* function) {
        visitor_.function(*function);
        return true;
    }
    bool VisitTypedefNameDecl(clang::TypedefNameDecl* name) {
        visitor_.type_name(*name);
        return true;
    }
    bool VisitInitListExpr(clang::InitListExpr* list) {
        visitor_.initializer_list(*list);
        return true;
    }
    bool VisitStaticAssertDecl(clang::StaticAssertDecl* assertion) {
        visitor_.static_assertion(*assertion);
        return true;
    }
    bool VisitExpr(clang::Expr* expression) {
        visitor_.expression(*expression);
        return true;
    }

private:
    SyntaxVisitor& visitor_;
    bool template_instantiations_;
};

}  // namespace

void SyntaxVisitor::visit(clang::ASTContext& context, bool template_instantiations) {
    Walk(*this, template_instantiations).TraverseDecl(context.getTranslationUnitDecl());
}

}  // namespace abiscope::clang_reader
