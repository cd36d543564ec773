// Gradio heads every toast of an error with "Error": its front end drops the title that gr.Error was given. The heading
// is put there instead, in the language of the page (page.py).
{
    const headings = document.getElementsByClassName("toast-title error");  // live
    new MutationObserver(() => {
        for (const { firstChild: heading } of headings) {
            if (heading?.data?.trim() === "Error") heading.data = `${document.documentElement.dataset.oops} `;
        }
    }).observe(document, { childList: true, subtree: true });
}
